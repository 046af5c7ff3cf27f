# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail in the queue that is for our own mailboxes: reports to senders, and deliveries that failed after the client was
told 250. Tried until they succeed."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from ikserver.delivery.mapped import read_mapped
from ikserver.model.activity import Event, Status
from ikserver.model.ids import AccountId
from ikserver.model.mail import Body, NewMessage, SpooledFile
from ikserver.store.api.mail import MailStore
from ikserver.store.api.queue import Queue, QueueEntry
from protocols.message import scan

logger = logging.getLogger("ikserver.outbound")

LOOK_SECONDS = 2.0
FIRST_WAIT = 60
LONGEST_WAIT = 3_600
GIVE_UP_AFTER = 5 * 86_400


class LocalRetry:
    """`run` works until it is cancelled. An entry that is given up after five days stays in the list of the queue."""

    def __init__(
        self, queue: Queue, mail: MailStore, spool: Path, threads: Executor, clock: Callable[[], float] = time.time
    ) -> None:
        self._queue = queue
        self._mail = mail
        self._spool = spool
        self._threads = threads
        self._clock = clock

    async def run(self) -> None:
        """Look for due entries, again and again."""
        while True:
            try:
                while await self.look():
                    continue
            except Exception:
                logger.exception("local-retry-failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> int:
        """Try what is due now, at most some entries; how many they were."""
        due = await self._queue.due_local(int(self._clock()))
        for entry in due:
            await self._attempt(entry)
        return len(due)

    async def _attempt(self, entry: QueueEntry) -> None:
        event = await self._queue.event(entry.id)
        try:
            await self._deliver(entry, event)
        except Exception as error:
            reason = str(error) or type(error).__name__
            await self._queue.retry_later(entry.id, reason, self._next(entry))
            logger.warning("local-retry-postponed", exc_info=error, extra={"fields": {"entry": entry.id}})
        else:
            await self._queue.done(entry.id)
            logger.info("local-retry-delivered", extra={"fields": {"entry": entry.id, "account": entry.account}})

    async def _deliver(self, entry: QueueEntry, event: Event | None) -> None:
        if entry.account is None:
            raise ValueError("not an entry for a mailbox of ours")
        body = await self._queue.body(entry.message)
        mail = await self._mail.mail(AccountId(entry.account))
        now = int(self._clock() * 1000)
        events = () if event is None else (event.then(Status.RECEIVED, now, attempt=entry.attempts + 1),)
        if isinstance(body, SpooledFile):
            loop = asyncio.get_running_loop()
            scanned = await read_mapped(body.path, self._threads, scan)
            body = await loop.run_in_executor(self._threads, self._link, body, entry)
        else:
            scanned = scan(body)
        await mail.deliver("INBOX", NewMessage(body, scanned, internal_date=entry.queued, events=events))

    def _link(self, body: SpooledFile, entry: QueueEntry) -> Body:
        """Another name for the queue's file, for the store to move away."""
        path = self._spool / f"retry.{entry.id}"
        path.unlink(missing_ok=True)
        os.link(body.path, path)
        return SpooledFile(path, body.size)

    def _next(self, entry: QueueEntry) -> int | None:
        """Twice as long each time, from a minute to an hour."""
        now = int(self._clock())
        if now - entry.queued >= GIVE_UP_AFTER:
            return None
        return now + min(FIRST_WAIT << min(entry.attempts, 6), LONGEST_WAIT)
