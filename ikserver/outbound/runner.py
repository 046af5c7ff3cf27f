# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes what is due from the queue, a domain at a time, and has it sent: many domains at once, one within limits."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ikserver.outbound.api import NotSent, Outcome
from ikserver.outbound.outcomes import Outcomes
from ikserver.outbound.pacing import Pace
from ikserver.outbound.sending import Sending
from ikserver.store.api.queue import Batch, Claimed, Queue

logger = logging.getLogger("ikserver.outbound")

LOOK_SECONDS = 0.5
KEEP_SECONDS = 240.0
STOP_SECONDS = 3.0
REST_SECONDS = 60
"""So long a domain is left alone whose hosts do not answer: the rest of its mail need not find that out one by one."""
MAX_RESTING = 1000


@dataclass(frozen=True, slots=True)
class OutboundLimits:
    """Connections at once, in all and to one domain; recipients that one of them takes from the queue at a time.

    A connection on which no message was answered for `patience` seconds takes nobody's place, up to `slow` of them.
    """

    connections: int = 100
    connections_per_domain: int = 10
    batch: int = 50
    slow: int = 400
    patience: float = 10.0


class _Stopping(Exception):
    """What was not begun waits for the next start."""


class Outbound:
    """`run` works until it is cancelled, in one process of a data directory."""

    def __init__(
        self,
        queue: Queue,
        sending: Sending,
        outcomes: Outcomes,
        limits: OutboundLimits,
        clock: Callable[[], float] = time.time,
        pace: Pace | None = None,
    ) -> None:
        self._queue = queue
        self._sending = sending
        self._outcomes = outcomes
        self._limits = limits
        self._clock = clock
        self._pace = pace or Pace()
        self._busy: Counter[str] = Counter()
        self._resting: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._moved: dict[int, float] = {}
        self._news = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Send what is due, for ever."""
        await self._queue.free_claims(int(self._clock()))
        try:
            while True:
                self._news.clear()
                try:
                    await self.look()
                except Exception:
                    logger.exception("outbound-failed")
                try:
                    await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)
                except TimeoutError:
                    continue
        finally:
            await self._stop()

    async def look(self) -> None:
        """Begin with all that is due now, as far as the limits allow."""
        while self._occupied() < self._limits.connections:
            batch = await self._queue.claim(int(self._clock()), self._not_now(), self._most)
            if batch is None:
                return
            self._begin(batch)

    def _occupied(self) -> int:
        """Connections that count: tarpits, however many, must not hold up mail for others."""
        since = self._clock() - self._limits.patience
        slow = sum(moved <= since for moved in self._moved.values())
        return len(self._moved) - min(slow, self._limits.slow)

    async def idle(self) -> None:
        """Wait until what was begun has ended."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _not_now(self) -> list[str]:
        """Domains that have all the connections or messages they may have now, and those that rest."""
        now = self._clock()
        for domain in [domain for domain, until in self._resting.items() if until <= now]:
            del self._resting[domain]
        full = [domain for domain, count in self._busy.items() if count >= self._limits.connections_per_domain]
        return [*full, *self._resting, *self._pace.full(now)]

    def _most(self, domain: str) -> int:
        return self._pace.room(domain, self._limits.batch)

    def _begin(self, batch: Batch) -> None:
        task = asyncio.get_running_loop().create_task(self._send(batch))
        self._busy[batch.domain] += 1
        self._pace.begin(batch.domain, len(batch.messages), self._clock())
        self._tasks.add(task)
        self._moved[id(batch)] = self._clock()

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            del self._moved[id(batch)]
            self._busy[batch.domain] -= 1
            self._busy += Counter()
            self._news.set()

        task.add_done_callback(ended)

    async def _send(self, batch: Batch) -> None:
        left = {message.message: message for message in batch.messages}

        async def settle(message: Claimed, outcomes: Sequence[Outcome]) -> None:
            await self._outcomes.settle(message, outcomes)
            self._moved[id(batch)] = self._clock()
            del left[message.message]
            if self._stopping and left:
                raise _Stopping

        keeping = asyncio.get_running_loop().create_task(self._keep(left))
        try:
            if not await self._sending.send(batch, settle) and len(self._resting) < MAX_RESTING:
                self._resting[batch.domain] = self._clock() + REST_SECONDS
        except _Stopping:
            await self._queue.give_back(_entries(left), int(self._clock()))
        except Exception as error:
            logger.exception("sending-failed", extra={"fields": {"domain": batch.domain}})
            await self._fail(left, error)
        finally:
            keeping.cancel()

    async def _fail(self, left: dict[int, Claimed], error: Exception) -> None:
        """A fault of ours is an attempt like others: what always fails comes back to its sender in the end."""
        outcome = NotSent("4.3.0", f"A fault of this server: {type(error).__name__}")
        for message in left.values():
            await self._outcomes.settle(message, [outcome for _ in message.recipients])

    async def _keep(self, left: dict[int, Claimed]) -> None:
        """While it is sent, nobody else may take it."""
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            await self._queue.keep(_entries(left), int(self._clock()))

    async def _stop(self) -> None:
        """Those who are nearly done may come to their end: what is cancelled is sent twice in the worst case."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        for task in self._tasks:
            task.cancel()
        await self.idle()


def _entries(messages: dict[int, Claimed]) -> list[int]:
    return [recipient.entry for message in messages.values() for recipient in message.recipients]
