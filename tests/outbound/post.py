# SPDX-License-Identifier: GPL-3.0-or-later
"""An outbound service for tests: a real queue and real sockets; DNS, clock and where an address lies are the test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ikserver.accounts.api import Deliver, Elsewhere, Forward, Local, Login, Route, Unknown
from ikserver.dns.api import Resolver
from ikserver.model.ids import AccountId
from ikserver.model.mail import Body
from ikserver.outbound.api import Signer, Unsigned
from ikserver.outbound.connecting import Connecting
from ikserver.outbound.localretry import USUAL, LocalRetry
from ikserver.outbound.outcomes import Outcomes
from ikserver.outbound.pacing import Pace
from ikserver.outbound.preparing import Preparing
from ikserver.outbound.reports import Reports
from ikserver.outbound.routing import Routing
from ikserver.outbound.runner import Outbound, OutboundLimits
from ikserver.outbound.schedule import Schedule
from ikserver.outbound.sending import AnySecurity, Direct, Security, Sending, Ways
from ikserver.outbound.wire import Timeouts
from ikserver.store.api.mail import MailStore
from ikserver.store.api.queue import Queue, QueuedMessage, QueuedRecipient, QueueEntry
from ikserver.store.embedded.queue import open_queue
from tests.outbound.zone import FAR

NOW = 1_795_521_600
MESSAGE = b"Subject: hello\r\n\r\n.a line\r\n"
Places = Mapping[str, int]
"""Ports on loopback by address; what is not there does not answer."""


class Town:
    """`accounts.api.Router`: alice is here, gone is not, redirected is forwarded."""

    async def route(self, address: str, size: int = 0) -> Route:
        match address:
            case "alice@example.org":
                return Local(address, (Deliver(AccountId(1), address),), ())
            case "redirected@example.org":
                return Local(address, (), (Forward("far@elsewhere.test", address),))
            case _ if address.endswith("@example.org"):
                return Unknown(address)
        return Elsewhere(address)

    async def may_send_as(self, login: Login, sender: str) -> bool:
        return True

    async def is_local_domain(self, domain: str) -> bool:
        return domain == "example.org"


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Post:
    """The service, and ways to look at it."""

    queue: Queue
    outbound: Outbound
    clock: Clock
    counter: list[int] = field(default_factory=list)

    async def sends(self, *to: str | QueuedRecipient, body: Body = MESSAGE, **more: Any) -> Sequence[QueueEntry]:
        """Queue a message of alice's and work until nothing is due; what is left in the queue."""
        await self.puts(*to, body=body, **more)
        return await self.works()

    async def puts(self, *to: str | QueuedRecipient, body: Body = MESSAGE, **more: Any) -> None:
        """Queue a message of alice's."""
        recipients = [QueuedRecipient(each) if isinstance(each, str) else each for each in to]
        more.setdefault("body_type", "7BIT")
        await self.queue.put(QueuedMessage(more.pop("sender", "alice@example.org"), recipients, body, **more))

    async def works(self) -> Sequence[QueueEntry]:
        """Until nothing is due that can be sent."""
        await self.outbound.look()
        await self.outbound.idle()
        return await self.queue.entries()

    async def report(self) -> str:
        """The one message in the queue that is for a sender."""
        (entry,) = [entry for entry in await self.queue.entries() if not entry.sender]
        body = await self.queue.body(entry.message)
        assert isinstance(body, bytes)
        return body.decode()


@asynccontextmanager
async def post(
    root: Path,
    places: Places,
    *,
    zone: Resolver = FAR,
    schedule: Schedule | None = None,
    security: Security | None = None,
    signer: Signer | None = None,
    ways: Ways | None = None,
    limits: OutboundLimits | None = None,
    timeouts: Timeouts | None = None,
    pace: Pace | None = None,
) -> AsyncIterator[Post]:
    """Everything below `root`."""
    clock = Clock()
    spool = root / "spool"
    spool.mkdir()
    with ThreadPoolExecutor(4) as threads:
        queue = open_queue(root, threads, clock)
        routing = Routing(zone, "mail.example.org", chance=lambda: 0.5)
        direct = Direct(routing, connecting(places, timeouts), security or AnySecurity())
        sending = Sending(ways or direct, Preparing(queue, signer or Unsigned(), spool, threads))
        tokens = iter(range(1_000_000))
        reports = Reports("mail.example.org", queue, Town(), threads, token=lambda _: f"token{next(tokens)}")
        outcomes = Outcomes(queue, reports, schedule or Schedule(chance=lambda: 0.5), clock)
        outbound = Outbound(queue, sending, outcomes, limits or OutboundLimits(), clock, pace)
        try:
            yield Post(queue, outbound, clock)
        finally:
            await outbound.idle()
            await queue.close()
            assert list(spool.iterdir()) == []


def local_retry(queue: Queue, mail: MailStore, spool: Path, threads: Executor, **more: Any) -> LocalRetry:
    """The one who tries mailboxes of ours again; senders are told as in `Town`."""
    reports = Reports("mail.example.org", queue, Town(), threads, token=lambda _: "token")
    more.setdefault("schedule", replace(USUAL, chance=lambda: 0.5))
    return LocalRetry(queue, mail, spool, threads, reports, **more)


def connecting(places: Places, timeouts: Timeouts | None = None, **more: Any) -> Connecting:
    """Connects to the ports that stand for addresses."""
    return Connecting(
        "mail.example.org",
        timeouts or Timeouts(connect=2, greeting=2, command=2, data=2, block=2, end=2),
        dial=lambda address, port: ("127.0.0.1", places.get(address, 1)),
        **more,
    )


async def eventually(condition: Any) -> None:
    """Wait until it is true; the test's own limit ends a vain wait."""
    while not condition():
        await asyncio.sleep(0.01)
