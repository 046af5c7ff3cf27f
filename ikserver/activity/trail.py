# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole trail of a message, as a story: why did it end here?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from ikserver.activity.explanation import sentence
from ikserver.activity.table import shown_time
from ikserver.model.activity import Direction, Event

_PLACE = {Direction.RECEIVED: "for", Direction.SENT: "to"}


def told(events: Sequence[Event], zone: tzinfo | None = None) -> Iterator[str]:
    """Lines: what the message is, then each step in order of time. `events` are those of one message, at least one."""
    seen = ""
    for event in events:
        if event.message != seen:
            yield from _message(event)
            seen = event.message
        yield f"  {shown_time(event.time, zone)}  {event.status.value} {_whom(event)}: {sentence(event)}"


def _message(event: Event) -> Iterator[str]:
    """What all steps of it have in common; a message that came back to us is another one for us."""
    yield f"{event.message_id or 'A message without Message-ID'} (here {event.message})"
    if event.subject:
        yield f"  Subject: {event.subject}"
    envelope = f"<{event.sender}>"
    author = event.header_from
    yield f"  From: {author} (envelope {envelope})" if author and author != event.sender else f"  From: {envelope}"
    if event.client:
        name = f" ({event.client_name})" if event.client_name else ""
        yield f"  Came from: {event.client}{name}, {'with' if event.tls else 'without'} TLS"
    if event.authentication:
        yield f"  Authentication: {event.authentication}"


def _whom(event: Event) -> str:
    """The recipient, and whose log it is in where that is another address."""
    whom = f"{_PLACE[event.direction]} {event.recipient}"
    if event.address and event.address != event.recipient:
        whom += f" (log of {event.address})"
    return whom
