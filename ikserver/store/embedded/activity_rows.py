# SPDX-License-Identifier: GPL-3.0-or-later
"""Events as text and as rows. The text is a JSON array of the fields in their order; at its end those may be missing
that an older ikserver did not know."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from operator import attrgetter

from ikserver.model.activity import Answer, Direction, Event, Status

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=attrgetter("value"))
_INSERT = "INSERT OR IGNORE INTO activity VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def encode(event: Event) -> str:
    """Short text that `decode` understands."""
    return _ENCODER.encode(event)


def decode(text: str) -> Event:
    """The event that was encoded."""
    said = json.loads(text)
    # Before it was an array it was an object.
    event = Event(**said) if isinstance(said, dict) else Event(*said)
    return event._replace(
        direction=Direction(event.direction),
        status=Status(event.status),
        reasons=tuple(event.reasons),
        answer=event.answer and Answer(*event.answer),
    )


def insert(connection: sqlite3.Connection, events: Iterable[Event]) -> None:
    """Into server.sqlite, within a transaction; what is there already stays."""
    connection.executemany(_INSERT, [_row(event) for event in events])


def _row(event: Event) -> tuple[object, ...]:
    return (
        event.time,
        _key(event),
        event.address,
        event.direction.value,
        event.status.value,
        event.correspondent.lower(),
        event.message_id,
        event.message,
        encode(event),
    )


def _key(event: Event) -> int:
    """What makes an event the same one, however often it is carried over: a message, a recipient and a step."""
    same = (event.message, event.address, event.recipient, event.direction.value, event.status.value, event.target)
    # A rule may put it into several folders.
    folder = (event.folder,) if event.status is Status.FILED else ()
    digest = hashlib.blake2b("\0".join((*same, str(event.attempt), *folder)).encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)
