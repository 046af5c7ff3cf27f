# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail in the queue that is for our own mailboxes: reports to senders, and deliveries that failed after the client was
told 250. Tried until they succeed."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

from ikserver.accounts.api import Deliver, Local
from ikserver.accounts.names import canonical
from ikserver.delivery.bodies import Bodies
from ikserver.delivery.envelope import Arrived, Recipient
from ikserver.delivery.filing import Filed, Filing, Incoming, PolicyFiling
from ikserver.delivery.placing import Placing
from ikserver.delivery.scripts.letter import Letter
from ikserver.delivery.scripts.scripting import Scripting
from ikserver.model.activity import Answer, Direction, Event, Status
from ikserver.model.ids import AccountId
from ikserver.model.mail import Body, SpooledFile
from ikserver.outbound.reports import Reports, Told, wants
from ikserver.outbound.schedule import Schedule
from ikserver.store.api.errors import OverQuota
from ikserver.store.api.mail import MailStore
from ikserver.store.api.queue import Claimed, ClaimedRecipient, Postponed, Queue, QueuedMessage
from protocols.message import brief
from protocols.smtp.dsn import Action, RecipientReport

logger = logging.getLogger("ikserver.outbound")

LOOK_SECONDS = 2.0
USUAL = Schedule(longest=3_600.0)


class LocalRetry:
    """`run` works until it is cancelled. Whoever sent what is given up is told; where there is nobody to tell, it stays
    in the list of the queue."""

    def __init__(
        self,
        queue: Queue,
        mail: MailStore,
        spool: Path,
        threads: Executor,
        reports: Reports,
        filing: Filing | None = None,
        schedule: Schedule = USUAL,
        clock: Callable[[], float] = time.time,
        scripting: Scripting | None = None,
    ) -> None:
        """Without `filing` no filter looks at the contents; without `scripting` nobody has scripts."""
        self._queue = queue
        self._filing = filing or PolicyFiling(mail)
        self._placing = Placing(mail, scripting)
        self._spool = spool
        self._threads = threads
        self._reports = reports
        self._schedule = schedule
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

    async def _attempt(self, message: Claimed) -> None:
        (recipient,) = message.recipients
        try:
            await self._deliver(message, recipient)
        except Exception as error:
            await self._failed(message, recipient, error)
        else:
            reports = await self._told(message, recipient, Action.DELIVERED, "2.1.5", "Delivered")
            await self._queue.settle([recipient.entry], reports=reports)
            fields = {"entry": recipient.entry, "account": recipient.to.account}
            logger.info("local-retry-delivered", extra={"fields": fields})

    async def _failed(self, message: Claimed, recipient: ClaimedRecipient, error: Exception) -> None:
        """It waits again, or is given up; what is told of that is written with it."""
        now, entry = self._clock(), recipient.entry
        reason = str(error) or type(error).__name__
        later = self._schedule.next_attempt(recipient.attempts + 1, message.released, now)
        logger.warning("local-retry-failed", exc_info=error, extra={"fields": {"entry": entry, "next": later}})
        reports: Sequence[QueuedMessage] = []
        if later is None:
            reports = await self._told(message, recipient, Action.FAILED, *_explained(error, "5"))
        elif self._schedule.is_late(message.released, now) and not recipient.delay_told:
            reports = await self._told(message, recipient, Action.DELAYED, *_explained(error, "4"))
        told = bool(reports)
        status = Status.BOUNCED if later is None else Status.DEFERRED
        events = _steps(message, recipient, status, status, now, Answer(0, *_explained(error, "4" if later else "5")))
        if later is None and told:
            await self._queue.settle([entry], reports=reports, events=events)
        else:
            postponed = Postponed(entry, reason, later, recipient.delay_told or told)
            await self._queue.settle([], [postponed], reports, events)

    async def _told(
        self, message: Claimed, recipient: ClaimedRecipient, action: Action, status: str, text: str
    ) -> Sequence[QueuedMessage]:
        """The report on that to its sender, if one is wanted."""
        if not wants(recipient.to.notify, action):
            return []
        now, to = self._clock(), recipient.to
        until = message.released + self._schedule.lifetime if action is Action.DELAYED else 0
        report = RecipientReport(to.address, to.orcpt, status, text, "", now, until)
        return await self._reports.on(message, [Told(action, report)], now)

    async def _deliver(self, waiting: Claimed, recipient: ClaimedRecipient) -> None:
        if recipient.to.account is None:
            raise ValueError("not an entry for a mailbox of ours")
        address = recipient.to.address
        to = Deliver(AccountId(recipient.to.account), address)
        body = await self._own_body(waiting, recipient.entry)
        addressed = [Recipient(address, Local(address, (to,), ()))]
        message = Arrived(str(recipient.entry), waiting.sender, addressed, body, 0, waiting.released)
        bodies = Bodies(message, self._threads)
        try:
            filed, incoming = await self._file(message, bodies, to)

            def told(filed: Filed) -> tuple[Event, ...]:
                return _steps(waiting, recipient, filed.status, Status.SENT, self._clock())

            await self._placing.put(Letter(incoming, to, filed, bodies, told))
        finally:
            await bodies.close()

    async def _file(self, message: Arrived, bodies: Bodies, to: Deliver) -> tuple[Filed, Incoming]:
        """Where the filter wants it."""
        if message.sender:
            await bodies.rewrite_header(self._filing.rewritten)
        octets = await bodies.examined()
        incoming = Incoming(message, octets, await bodies.scan(), canonical(brief(octets).author))
        # A report to a sender, by us, tells of spam and is none.
        return await self._filing.file(incoming, to, [to.address]) if message.sender else Filed(), incoming

    async def _own_body(self, waiting: Claimed, entry: int) -> Body:
        """A file has another name, which may go."""
        body = await self._queue.body(waiting.message)
        if not isinstance(body, SpooledFile):
            return body
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._link, body, entry)

    def _link(self, body: SpooledFile, entry: int) -> Body:
        path = self._spool / f"retry.{entry}"
        path.unlink(missing_ok=True)
        os.link(body.path, path)
        return SpooledFile(path, body.size)


def _explained(error: Exception, kind: str) -> tuple[str, str]:
    """Status and words for the sender (RFC 3463, 3.3 and 3.4). The words of a fault of ours are for our log."""
    if isinstance(error, OverQuota):
        return f"{kind}.2.2", "The mailbox is full"
    return f"{kind}.3.0", "The mailbox could not be written"


def _steps(
    message: Claimed,
    recipient: ClaimedRecipient,
    received: Status,
    sent: Status,
    now: float,
    answer: Answer | None = None,
) -> tuple[Event, ...]:
    """For the log of the mailbox and, where somebody of ours has sent it, for theirs."""
    if recipient.to.event is None:
        return ()
    step = recipient.to.event.then(received, int(now * 1000), answer, recipient.attempts + 1)
    if not message.submitter:
        return (step,)
    return step, step._replace(direction=Direction.SENT, status=sent, address=message.submitter)
