# SPDX-License-Identifier: GPL-3.0-or-later
"""A newer scanner finds other things in a message: what is kept of old messages is then computed again.

A step takes one page of texts, or those that have no page yet. It reads and scans on a reader; its transaction puts
facts and texts in place together, so a search finds the old or the new text, never none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from ikserver.store.embedded.mail.appending import SCANNER, insert_facts
from ikserver.store.embedded.mail.bodies import BlobFiles, whole_body
from ikserver.store.embedded.mail.columns import unpack
from ikserver.store.embedded.mail.packing import Overtaken, Placing
from protocols.message import Scan, scan


def is_stale(db: sqlite3.Connection) -> bool:
    """Was anything of this account found by an older scanner?"""
    return bool(db.execute("SELECT scanner <> ? FROM account", (SCANNER,)).fetchone()[0])


def finish(db: sqlite3.Connection) -> None:
    """After all steps."""
    db.execute("UPDATE account SET scanner = ?", (SCANNER,))


def pages(db: sqlite3.Connection) -> list[int]:
    """The steps: each page of texts, by its first body."""
    return [first for (first,) in db.execute("SELECT first FROM texts ORDER BY first")]


def rescan_recent(db: sqlite3.Connection, files: BlobFiles) -> Placing:
    """The step for texts that are not in a page yet."""
    found = _scanned(db, files, [body for (body,) in db.execute("SELECT body FROM recent_texts")])

    def place(db: sqlite3.Connection) -> None:
        there = {body for (body,) in db.execute("SELECT body FROM recent_texts")}
        for body, result in found:
            if body in there:
                insert_facts(db, body, result)

    return place


def rescan_page(db: sqlite3.Connection, files: BlobFiles, first: int) -> Placing | None:
    """The step for a page: its texts become rows of their own, to be packed again."""
    row = db.execute("SELECT bodies FROM texts WHERE first = ?", (first,)).fetchone()
    if row is None:
        return None
    found = _scanned(db, files, unpack("I", row[0]))

    def place(db: sqlite3.Connection) -> None:
        if db.execute("DELETE FROM texts WHERE first = ? AND bodies = ?", (first, row[0])).rowcount != 1:
            raise Overtaken
        for body, result in found:
            insert_facts(db, body, result)

    return place


def _scanned(db: sqlite3.Connection, files: BlobFiles, bodies: Iterable[int]) -> list[tuple[int, Scan]]:
    found = []
    for body in bodies:
        with whole_body(db, files, body) as data:
            found.append((body, scan(data)))
    return found
