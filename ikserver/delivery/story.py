# SPDX-License-Identifier: GPL-3.0-or-later
"""What the activity log is told of one arrived message: a first event, and what differs for each place it goes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, assert_never

from ikserver.accounts.api import Deliver, Elsewhere, Forward
from ikserver.accounts.names import canonical
from ikserver.delivery.envelope import Arrived, Recipient
from ikserver.delivery.filing import Filed
from ikserver.model.activity import Answer, Direction, Event, Status
from ikserver.model.authentication import Authenticated
from ikserver.model.ids import AccountId
from ikserver.model.spam import Verdict


class Story:
    """Made when the message is whole. What is told with the delivery to one mailbox may be told again with another:
    the log keeps it once."""

    def __init__(self, message: Arrived) -> None:
        self._submitter = message.origin.submitter
        self._first = _first(message)
        self._recipients: defaultdict[AccountId, list[str]] = defaultdict(list)
        for recipient in message.recipients:
            for delivery in recipient.deliveries:
                self._recipients[delivery.account].append(canonical(recipient.address))

    @property
    def author(self) -> str:
        """The address of From, canonical; "" without one."""
        return self._first.header_from

    def recipients(self, to: Deliver) -> Sequence[str]:
        """The addresses written to that lead to a mailbox of ours, canonical."""
        return self._recipients[to.account]

    def delivered(self, to: Deliver, filed: Filed) -> tuple[Event, ...]:
        """With the transaction that puts it into a mailbox of ours."""
        recipients = self._recipients[to.account]
        verdict = judged(filed.verdict)
        events = [self._received(to.address, recipients[0], filed.status, folder=filed.folder, **verdict)]
        if to.by:
            events.append(self._received(to.by, recipients[0], Status.REDIRECTED, target=to.address))
        return (*events, *self._sent(recipients))

    def waiting(self, to: Deliver, reason: str, *, full: bool) -> Event:
        """With the queue entry of a mailbox of ours that does not take it now."""
        status = Status.OVER_QUOTA if full else Status.QUEUED
        return self._received(to.address, self._recipients[to.account][0], status, answer=Answer(text=reason))

    def held(self, to: Deliver) -> tuple[Event, ...]:
        """With the queue entry of a mailbox of ours that gets it later: whoever sends it knows, and nobody else."""
        return tuple(event._replace(status=Status.QUEUED) for event in self._sent(self._recipients[to.account]))

    def queued(self, to: Forward | Elsewhere) -> Event:
        """With the queue entry of an address on another server. Groups have no log (LOG-09)."""
        match to:
            case Elsewhere():
                address = self._submitter
            case Forward(account=None):
                address = ""
            case Forward():
                address = to.by
            case unknown:
                assert_never(unknown)
        target = canonical(to.address)
        return self._first._replace(direction=Direction.SENT, status=Status.QUEUED, address=address, recipient=target)

    def redirected(self, recipient: Recipient) -> tuple[Event, ...]:
        """With the queue entries of one recipient's redirections to other servers."""
        forwards = recipient.elsewhere
        if isinstance(recipient.route, Elsewhere) or not forwards:
            return ()
        given = canonical(recipient.address)
        events = [
            self._received(forward.by, given, Status.REDIRECTED, target=canonical(forward.address))
            for forward in recipient.route.forwards
            if forward.account is not None
        ]
        return (*events, *self._sent([given]))

    def _received(self, address: str, recipient: str, status: Status, **more: Any) -> Event:
        return self._first._replace(status=status, address=address, recipient=recipient, **more)

    def _sent(self, recipients: Sequence[str]) -> list[Event]:
        """For the log of whoever submitted it, if it was one of ours."""
        if not self._submitter:
            return []
        sent = self._first._replace(direction=Direction.SENT, status=Status.SENT, address=self._submitter)
        return [sent._replace(recipient=recipient) for recipient in recipients]


def judged(verdict: Verdict | None) -> dict[str, Any]:
    """The fields of an event that tell of a verdict."""
    if verdict is None:
        return {}
    hit = verdict.hit
    listed = f"{hit.listed.side.value} by the {hit.level.value}: {hit.listed.pattern}" if hit else ""
    return {"score": verdict.score, "reasons": verdict.reasons, "listed": listed}


def _first(message: Arrived) -> Event:
    """What is the same for all of them."""
    results, brief = message.authenticated, message.brief
    return Event(
        time=int(message.seconds * 1000),
        direction=Direction.RECEIVED,
        status=Status.RECEIVED,
        address="",
        recipient="",
        message=message.id,
        sender=canonical(message.sender),
        header_from=canonical(brief.author),
        subject=brief.subject,
        size=message.size,
        message_id=brief.message_id,
        client=message.origin.peer,
        client_name=results.iprev.name if results else "",
        tls=message.origin.secure,
        authentication=summary(results) if results else "",
    )


def summary(results: Authenticated) -> str:
    """Each method and what it found, as Authentication-Results tells it (RFC 8601, 2.2)."""
    signatures = {signature.result.value for signature in results.dkim} or {"none"}
    found = {
        "spf": results.spf.result.value,
        "dkim": "pass" if "pass" in signatures else min(signatures),
        "dmarc": results.dmarc.result.value,
        "arc": results.arc.result.value,
    }
    return " ".join(f"{method}={result}" for method, result in found.items())
