# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a server answered to what becomes of the queue's entries, and of their senders."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import assert_never

from ikserver.model.activity import Answer, Event, Status
from ikserver.outbound.api import NotSent, Outcome, Sent
from ikserver.outbound.reports import Reports, Told, wants
from ikserver.outbound.schedule import Schedule
from ikserver.store.api.queue import Claimed, ClaimedRecipient, Postponed, Queue
from protocols.smtp.dsn import Action, RecipientReport
from protocols.smtp.replies import parse

logger = logging.getLogger("ikserver.outbound")


class Outcomes:
    """Settles messages in the queue, with the reports that they give rise to, in one transaction."""

    def __init__(
        self, queue: Queue, reports: Reports, schedule: Schedule, clock: Callable[[], float] = time.time
    ) -> None:
        self._queue = queue
        self._reports = reports
        self._schedule = schedule
        self._clock = clock

    async def settle(self, message: Claimed, outcomes: Sequence[Outcome]) -> None:
        """Durable on return."""
        now = self._clock()
        done: list[int] = []
        postponed: list[Postponed] = []
        told: list[Told] = []
        events: list[Event] = []
        for recipient, outcome in zip(message.recipients, outcomes, strict=True):
            later = self._later(message, recipient, outcome, now)
            action = self._action(message, recipient, outcome, later, now)
            _log(message, recipient, outcome, later)
            if recipient.to.event is not None:
                events.append(_next(recipient.to.event, outcome, later, int(now * 1000), recipient.attempts + 1))
            if action is not None:
                told.append(Told(action, self._about(message, recipient, outcome, action, now)))
            if later is None:
                done.append(recipient.entry)
            else:
                delay_told = recipient.delay_told or action is Action.DELAYED
                postponed.append(Postponed(recipient.entry, str(outcome), later, delay_told))
        reports = await self._reports.on(message, told, now)
        await self._queue.settle(done, postponed, reports, events)

    def _later(self, message: Claimed, recipient: ClaimedRecipient, outcome: Outcome, now: float) -> int | None:
        if isinstance(outcome, Sent) or outcome.permanent:
            return None
        return self._schedule.next_attempt(recipient.attempts + 1, message.released, now)

    def _action(
        self, message: Claimed, recipient: ClaimedRecipient, outcome: Outcome, later: int | None, now: float
    ) -> Action | None:
        """What its sender is told, if anything."""
        match outcome:
            case Sent(reports=reports):
                action = None if reports else Action.RELAYED
            case NotSent() if later is None:
                action = Action.FAILED
            case NotSent():
                late = self._schedule.is_late(message.released, now) and not recipient.delay_told
                action = Action.DELAYED if late else None
            case unknown:
                assert_never(unknown)
        return action if action is not None and wants(recipient.to.notify, action) else None

    def _about(
        self, message: Claimed, recipient: ClaimedRecipient, outcome: Outcome, action: Action, now: float
    ) -> RecipientReport:
        status, text = ("2.0.0", outcome.reply) if isinstance(outcome, Sent) else (outcome.status, outcome.text)
        if action is Action.FAILED and status.startswith("4"):
            # RFC 3463, 3.5: the time is over; the words of the last attempt say why.
            status = "5.4.7"
        until = message.released + self._schedule.lifetime if action is Action.DELAYED else 0
        return RecipientReport(recipient.to.address, recipient.to.orcpt, status, text, outcome.host, now, until)


def _next(event: Event, outcome: Outcome, later: int | None, time: int, attempt: int) -> Event:
    """What the activity log is told."""
    if isinstance(outcome, Sent):
        return event.then(Status.SENT, time, _answer(outcome.reply, outcome.host), attempt)
    answer = _answer(outcome.text, outcome.host) if outcome.host else Answer(0, outcome.status, outcome.text)
    return event.then(Status.BOUNCED if later is None else Status.DEFERRED, time, answer, attempt)


def _answer(text: str, host: str) -> Answer:
    reply = parse(text)
    return Answer(reply.code, reply.enhanced, reply.text, host)


def _log(message: Claimed, recipient: ClaimedRecipient, outcome: Outcome, later: int | None) -> None:
    fields: dict[str, object] = {
        "message": message.message,
        "entry": recipient.entry,
        "sender": message.sender,
        "recipient": recipient.to.address,
        "host": outcome.host,
    }
    if isinstance(outcome, Sent):
        logger.info("sent", extra={"fields": fields | {"reply": outcome.reply, "tls": outcome.secure}})
    elif later is None:
        logger.warning("bounced", extra={"fields": fields | {"status": outcome.status, "reason": outcome.text}})
    else:
        logger.info("deferred", extra={"fields": fields | {"status": outcome.status, "reason": outcome.text}})
