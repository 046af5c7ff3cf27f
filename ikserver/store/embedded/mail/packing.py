# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves the newest texts into a page when they fill one, and takes texts of bodies that are gone out of pages.

Texts never change, so the work is done on a reader; the transaction only puts the result in place, and does nothing if
another process was faster.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Sequence, Set
from typing import Any

import zstandard

from ikserver.store.embedded.mail.columns import pack, uid_array, unpack
from ikserver.store.embedded.mail.texts import SEPARATOR, Kind

MAX_BODIES = 256
MAX_OCTETS = 4 << 20
"""So many bodies, or so much text, fill a page."""

NEVER = -(1 << 63)
"""In the column of sent times: no usable Date field; the day is then 0."""

_KINDS = ", ".join(kind.value for kind in Kind)
_RECENT = f"SELECT body, sent, day, complete, {_KINDS} FROM recent_texts WHERE body BETWEEN ? AND ? ORDER BY body"  # noqa: S608
_PAGE = f"SELECT bodies, sent, days, complete, {_KINDS} FROM texts WHERE first = ?"  # noqa: S608 (names from Kind)
_INSERT = f"INSERT INTO texts VALUES ({', '.join('?' * (5 + len(Kind)))})"  # noqa: S608

Row = tuple[Any, ...]
"""A row of recent_texts: body, sent, day, complete, one text of each Kind."""
Placing = Callable[[sqlite3.Connection], None]


def pack_recent(db: sqlite3.Connection) -> Placing | None:
    """The job that puts a page in place of the oldest recent texts; None while they do not fill one."""
    first, number, octets = None, 0, 0
    for body, size in db.execute("SELECT body, length(headers) + length(text) FROM recent_texts ORDER BY body"):
        first, number, octets = body if first is None else first, number + 1, octets + size
        if number == MAX_BODIES or octets >= MAX_OCTETS:
            return _placing_recent(db, first, body, number)
    return None


def _placing_recent(db: sqlite3.Connection, first: int, last: int, number: int) -> Placing:
    page = _page(db.execute(_RECENT, (first, last)).fetchall())

    def place(db: sqlite3.Connection) -> None:
        gone = db.execute("DELETE FROM recent_texts WHERE body BETWEEN ? AND ?", (first, last))
        if gone.rowcount != number:
            raise Overtaken
        db.execute(_INSERT, page)

    return place


class Overtaken(Exception):
    """Another process changed the texts meanwhile; the next round sees what is left to do."""


def _page(rows: Sequence[Row]) -> Row:
    """A row of the table texts."""
    bodies, sent, days, complete, *texts = zip(*rows, strict=True)
    compress = zstandard.ZstdCompressor(level=3).compress
    return (
        bodies[0],
        pack(uid_array(bodies)),
        pack(array("q", (NEVER if one is None else one for one in sent))),
        pack(array("i", (one or 0 for one in days))),
        pack(array("B", complete)),
        *(compress(SEPARATOR.join(column)) for column in texts),
    )


def _rows(page: Row) -> list[Row]:
    """The rows of which a page was made."""
    bodies, sent, days, complete, *texts = page
    decompress = zstandard.ZstdDecompressor().decompress
    columns = (unpack(code, data) for code, data in zip("IqiB", (bodies, sent, days, complete), strict=True))
    return list(zip(*columns, *(decompress(text).split(SEPARATOR) for text in texts), strict=True))


def without(db: sqlite3.Connection, bodies: Set[int]) -> Placing | None:
    """The job that rewrites the first page which holds a text of `bodies`; None when there is no such page."""
    for first, held in db.execute("SELECT first, bodies FROM texts"):
        if not bodies.isdisjoint(unpack("I", held)):
            return _placing_rest(db, first, bodies)
    return None


def _placing_rest(db: sqlite3.Connection, first: int, bodies: Set[int]) -> Placing:
    before = db.execute(_PAGE, (first,)).fetchone()
    rest = [row for row in _rows(before) if row[0] not in bodies]
    page = _page(rest) if rest else None

    def place(db: sqlite3.Connection) -> None:
        if db.execute("DELETE FROM texts WHERE first = ? AND bodies = ?", (first, before[0])).rowcount != 1:
            raise Overtaken
        if page:
            db.execute(_INSERT, page)

    return place
