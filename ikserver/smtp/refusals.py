# SPDX-License-Identifier: GPL-3.0-or-later
"""What the activity log is told of what a conversation refuses. It stands in the log of whoever would have got it or,
where one of ours is signed in, of whoever wanted to send it."""

from __future__ import annotations

from collections.abc import Sequence

from ikserver.accounts.api import Elsewhere, Inactive, OverQuota, Route
from ikserver.accounts.names import canonical, split_detail
from ikserver.delivery.envelope import Recipient
from ikserver.delivery.story import judged, summary
from ikserver.model.activity import Answer, Direction, Event, Status
from ikserver.smtp.arrival import Arrival
from ikserver.smtp.session import Session
from protocols.smtp.replies import Reply


def refused_recipient(
    session: Session, sender: str, recipient: str, route: Route, reply: Reply, time: int
) -> Sequence[Event]:
    """One RCPT, at `time` in milliseconds. There is no message yet: the session's id stands for it."""
    if isinstance(route, Elsewhere) and session.login is None:
        # Whoever tries to relay writes to nobody here.
        return []
    owners = route.owners if isinstance(route, OverQuota | Inactive) else ()
    refused = _refused(session, sender, recipient, reply, time)
    return _in_logs(refused._replace(message=session.id), session, owners)


def refused_message(arrival: Arrival, answers: Sequence[Reply]) -> Sequence[Event]:
    """The end of a body, which was answered once for all recipients or once for each of them."""
    session, mail = arrival.session, arrival.transaction
    events: list[Event] = []
    for number, recipient in enumerate(mail.recipients):
        which = number if arrival.role.each else 0
        reply = answers[which]
        if reply.is_error:
            refused = _refused(session, mail.sender, recipient.address, reply, int(arrival.seconds * 1000))
            rule = arrival.rules[which] if arrival.rules else ""
            events += _in_logs(_told(refused, arrival)._replace(rule=rule), session, _owners(recipient))
    return events


def _owners(recipient: Recipient) -> tuple[str, ...]:
    return (recipient.screened,) if recipient.screened else tuple(each.address for each in recipient.deliveries)


def _in_logs(event: Event, session: Session, owners: tuple[str, ...]) -> list[Event]:
    """The event in each log in which it belongs; an address that leads nowhere has one of its own."""
    if session.login is not None:
        owners = (session.login.address,)
    return [event._replace(address=owner) for owner in owners or (split_detail(event.recipient)[0],)]


def _refused(session: Session, sender: str, recipient: str, reply: Reply, time: int) -> Event:
    return Event(
        time=time,
        direction=Direction.RECEIVED if session.login is None else Direction.SENT,
        status=_status(reply),
        address="",
        recipient=canonical(recipient),
        message="",
        sender=canonical(sender),
        client=session.peer,
        tls=session.secure,
        answer=Answer(reply.code, reply.enhanced, reply.text),
    )


def _told(event: Event, arrival: Arrival) -> Event:
    """With what is known of the message."""
    results, brief = arrival.authenticated, arrival.brief
    return event._replace(
        message=arrival.id,
        header_from=canonical(brief.author),
        subject=brief.subject,
        message_id=brief.message_id,
        client_name=results.iprev.name if results else "",
        authentication=summary(results) if results else "",
        **judged(arrival.verdict),
    )


def _status(reply: Reply) -> Status:
    # RFC 3463, 3.3: X.2.2 is a full mailbox, whether it has room again some day or not.
    if reply.enhanced.endswith(".2.2"):
        return Status.OVER_QUOTA
    return Status.DEFERRED if reply.code < 500 else Status.REJECTED
