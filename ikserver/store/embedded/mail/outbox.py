# SPDX-License-Identifier: GPL-3.0-or-later
"""Events of the activity log wait here, written in the transaction of what they tell, until they are carried on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from ikserver.model.activity import Event
from ikserver.store.embedded.activity_rows import decode, encode


def put(db: sqlite3.Connection, events: Iterable[Event]) -> None:
    """Within a transaction."""
    db.executemany("INSERT INTO activity_outbox (event) VALUES (?)", [(encode(event),) for event in events])


def waiting(db: sqlite3.Connection, limit: int) -> tuple[Sequence[Event], int]:
    """The oldest events, and the number up to which they are."""
    rows = db.execute("SELECT event, id FROM activity_outbox ORDER BY id LIMIT ?", (limit,)).fetchall()
    return [decode(event) for event, _ in rows], rows[-1][1] if rows else 0


def forget(db: sqlite3.Connection, last: int) -> None:
    """Remove events up to a number. Later ones have higher numbers, whoever writes them."""
    db.execute("DELETE FROM activity_outbox WHERE id <= ?", (last,))
