# SPDX-License-Identifier: GPL-3.0-or-later
"""Events as text and as rows. Fields that have their default are left out, so that the text is short and an older
ikserver's is read by a newer one."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Any

from ikserver.model.activity import Answer, Direction, Event, Status

_DEFAULTS = [(field.name, field.default) for field in fields(Event)]
_INSERT = "INSERT OR IGNORE INTO activity VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def encode(event: Event) -> str:
    """Short text that `decode` understands."""
    said: dict[str, Any] = {}
    for name, default in _DEFAULTS:
        value = getattr(event, name)
        if default is MISSING or value != default:
            said[name] = value
    said["direction"], said["status"] = event.direction.value, event.status.value
    if event.answer is not None:
        answer = event.answer
        said["answer"] = (answer.code, answer.enhanced, answer.text, answer.host)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Event:
    """The event that was encoded."""
    said = json.loads(text)
    said["direction"], said["status"] = Direction(said["direction"]), Status(said["status"])
    if "reasons" in said:
        said["reasons"] = tuple(said["reasons"])
    if "answer" in said:
        said["answer"] = Answer(*said["answer"])
    return Event(**said)


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
    digest = hashlib.blake2b("\0".join((*same, str(event.attempt))).encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)
