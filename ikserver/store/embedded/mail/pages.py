# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of columns in the database. Functions that write run inside a transaction of the writer."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ikserver.model.ids import MailboxId, ModSeq
from ikserver.store.embedded.mail.columns import TYPECODES, Columns, pack, unpack

Pages = Iterator[tuple[int, Columns]]
"""Page numbers, ascending, with their rows."""

# CROSS JOIN looks into marks first: only they have an index of mod-sequences, and whatever changes a page changes them.
_FROM = " FROM marks CROSS JOIN pages USING (mailbox, page) WHERE mailbox = ? "
_WHOLE = "SELECT page, uids, flagsets, modseqs, dates, zones, sizes, bodies, saved" + _FROM
_MARKS = "SELECT page, uids, flagsets, modseqs" + _FROM
_CHOSEN = "AND page IN (SELECT value FROM json_each(?)) "
_ORDER = "ORDER BY page"

_REPLACE = "REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_REPLACE_MARKS = "REPLACE INTO marks VALUES (?, ?, ?, ?, ?)"
_ADD = """INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET modseq = excluded.modseq,
    uids = CAST(uids || excluded.uids AS BLOB), dates = CAST(dates || excluded.dates AS BLOB),
    zones = CAST(zones || excluded.zones AS BLOB), sizes = CAST(sizes || excluded.sizes AS BLOB),
    bodies = CAST(bodies || excluded.bodies AS BLOB), saved = CAST(saved || excluded.saved AS BLOB)"""
_ADD_MARKS = """INSERT INTO marks VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET modseq = excluded.modseq,
    flagsets = CAST(flagsets || excluded.flagsets AS BLOB), modseqs = CAST(modseqs || excluded.modseqs AS BLOB)"""


def _fetch(db: sqlite3.Connection, select: str, mailbox: MailboxId, numbers: Sequence[int] | None) -> Pages:
    """All rows are fetched before the first is given, so the caller may write."""
    if numbers is None:
        found = db.execute(select + _ORDER, (mailbox,)).fetchall()
    else:
        found = db.execute(select + _CHOSEN + _ORDER, (mailbox, json.dumps(numbers))).fetchall()
    return _columns(found)


def _columns(found: Iterable[Any]) -> Pages:
    for page, *row in found:
        yield page, Columns(*(unpack(code, data) for code, data in zip(TYPECODES, row, strict=False)))


def read(db: sqlite3.Connection, mailbox: MailboxId, numbers: Sequence[int] | None = None) -> Pages:
    """The pages with these numbers, or all."""
    return _fetch(db, _WHOLE, mailbox, numbers)


def read_marks(db: sqlite3.Connection, mailbox: MailboxId, numbers: Sequence[int] | None = None) -> Pages:
    """As `read`, but only uids, flagsets and modseqs are filled."""
    return _fetch(db, _MARKS, mailbox, numbers)


def read_changed(db: sqlite3.Connection, mailbox: MailboxId, since: ModSeq) -> Pages:
    """Pages to which messages came or from which they went after `since`."""
    return _columns(db.execute(_WHOLE + "AND marks.modseq > ? AND pages.modseq > ? " + _ORDER, (mailbox, since, since)))


def read_changed_marks(db: sqlite3.Connection, mailbox: MailboxId, since: ModSeq) -> Pages:
    """As `read_marks`, of pages where anything changed after `since`."""
    return _columns(db.execute(_MARKS + "AND marks.modseq > ? " + _ORDER, (mailbox, since)))


def numbers(db: sqlite3.Connection, mailbox: MailboxId) -> set[int]:
    """The pages that there are."""
    return {page for (page,) in db.execute("SELECT page FROM pages WHERE mailbox = ?", (mailbox,))}


def write(db: sqlite3.Connection, mailbox: MailboxId, page: int, rows: Columns, modseq: ModSeq) -> None:
    """Replace a page, or remove it when no rows are left."""
    if not rows:
        db.execute("DELETE FROM pages WHERE mailbox = ? AND page = ?", (mailbox, page))
        db.execute("DELETE FROM marks WHERE mailbox = ? AND page = ?", (mailbox, page))
        return
    _put(db, _REPLACE, _REPLACE_MARKS, mailbox, page, rows, modseq)


def write_marks(
    db: sqlite3.Connection, mailbox: MailboxId, changed: Iterable[tuple[int, Columns]], modseq: ModSeq
) -> None:
    """Replace what STORE alters of these pages."""
    db.executemany(
        "UPDATE marks SET modseq = ?, flagsets = ?, modseqs = ? WHERE mailbox = ? AND page = ?",
        ((modseq, pack(rows.flagsets), pack(rows.modseqs), mailbox, page) for page, rows in changed),
    )


def add(db: sqlite3.Connection, mailbox: MailboxId, rows: Columns, modseq: ModSeq) -> None:
    """Append rows whose UIDs are above all others of the mailbox."""
    for page, new in rows.by_page():
        _put(db, _ADD, _ADD_MARKS, mailbox, page, new, modseq)


def _put(
    db: sqlite3.Connection, to_pages: str, to_marks: str, mailbox: MailboxId, page: int, rows: Columns, modseq: ModSeq
) -> None:
    uids, flagsets, modseqs, *rest = map(pack, rows.arrays())
    db.execute(to_pages, (mailbox, page, modseq, uids, *rest))
    db.execute(to_marks, (mailbox, page, modseq, flagsets, modseqs))
