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

from ikserver.accounts.api import Deliver, Local
from ikserver.accounts.names import canonical
from ikserver.delivery.bodies import Bodies
from ikserver.delivery.envelope import Arrived, Recipient
from ikserver.delivery.filing import Filed, Filing, Incoming, PolicyFiling
from ikserver.model.activity import Event
from ikserver.model.ids import AccountId
from ikserver.model.mail import Body, NewMessage, SpooledFile
from ikserver.store.api.mail import MailStore
from ikserver.store.api.queue import Queue, QueueEntry
from protocols.message import Scan, brief, with_fields

logger = logging.getLogger("ikserver.outbound")

LOOK_SECONDS = 2.0
FIRST_WAIT = 60
LONGEST_WAIT = 3_600
GIVE_UP_AFTER = 5 * 86_400


class LocalRetry:
    """`run` works until it is cancelled. An entry that is given up after five days stays in the list of the queue."""

    def __init__(
        self,
        queue: Queue,
        mail: MailStore,
        spool: Path,
        threads: Executor,
        filing: Filing | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Without `filing` no filter looks at the contents."""
        self._queue = queue
        self._filing = filing or PolicyFiling(mail)
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
        to = Deliver(AccountId(entry.account), entry.recipient)
        recipients = [Recipient(entry.recipient, Local(entry.recipient, (to,), ()))]
        message = Arrived(str(entry.id), entry.sender, recipients, await self._own_body(entry), 0, entry.queued)
        bodies = Bodies(message, self._threads)
        try:
            filed, scanned = await self._file(message, bodies, to)
            now = int(self._clock() * 1000)
            events = () if event is None else (event.then(filed.status, now, attempt=entry.attempts + 1),)
            body = await bodies.for_mailbox(filed.fields)
            new = NewMessage(body, scanned, internal_date=entry.queued, events=events)
            await (await self._mail.mail(to.account)).deliver(filed.folder, new)
        finally:
            await bodies.close()

    async def _file(self, message: Arrived, bodies: Bodies, to: Deliver) -> tuple[Filed, Scan]:
        """Where it goes, and what a scan of it finds with the fields that it gets."""
        if not message.sender:
            # A report to a sender, by us: it tells of spam and is none.
            return Filed(), await bodies.scan()
        await bodies.rewrite_header(self._filing.rewritten)
        octets = await bodies.examined()
        incoming = Incoming(message, octets, await bodies.scan(), canonical(brief(octets).author))
        filed = await self._filing.file(incoming, to, [to.address])
        return filed, with_fields(incoming.scan, True, filed.fields)

    async def _own_body(self, entry: QueueEntry) -> Body:
        """A file has another name, which may go."""
        body = await self._queue.body(entry.message)
        if not isinstance(body, SpooledFile):
            return body
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._link, body, entry)

    def _link(self, body: SpooledFile, entry: QueueEntry) -> Body:
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
