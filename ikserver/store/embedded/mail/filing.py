# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows come to a mailbox and leave it: what APPEND, COPY, MOVE and EXPUNGE share. Runs inside a transaction."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ikserver.model.ids import MailboxId, ModSeq, Uid
from ikserver.store.api.errors import NoSuchMailbox
from ikserver.store.embedded.mail import pages
from ikserver.store.embedded.mail.columns import Columns, pack, ranges_of, uid_array
from ikserver.store.embedded.mail.flags import Interning


@dataclass(frozen=True, slots=True)
class Counted:
    """A mailbox row after its counters changed."""

    uidvalidity: int
    uidnext: int
    modseq: ModSeq


def count(
    db: sqlite3.Connection,
    mailbox: MailboxId,
    *,
    uids: int = 0,
    messages: int = 0,
    unseen: int = 0,
    deleted: int = 0,
    size: int = 0,
) -> Counted:
    """Allocate the next mod-sequence and `uids` UIDs, and add to the counters. Raises NoSuchMailbox."""
    row = db.execute(
        """UPDATE mailboxes SET modseq = modseq + 1, uidnext = uidnext + ?, messages = messages + ?,
           unseen = unseen + ?, deleted = deleted + ?, size = size + ? WHERE id = ?
           RETURNING uidvalidity, uidnext, modseq""",
        (uids, messages, unseen, deleted, size, mailbox),
    ).fetchone()
    if row is None:
        raise NoSuchMailbox("the mailbox is gone")
    return Counted(*row)


def place(db: sqlite3.Connection, mailbox: MailboxId, rows: Columns, flags: Interning, now: float) -> Counted:
    """Append rows that have no UIDs and mod-sequences yet; they get them here, in the transaction that stores them:
    who saw UID 11 never finds a late 10. They come to the mailbox `now`."""
    number = len(rows.bodies)
    counted = count(db, mailbox, uids=number, messages=number, **_tally(rows, flags))
    rows.uids = uid_array(range(counted.uidnext - number, counted.uidnext))
    rows.modseqs = array("Q", [counted.modseq]) * number
    rows.saved = array("I", [int(now)]) * number
    pages.add(db, mailbox, rows, counted.modseq)
    return counted


def take(
    db: sqlite3.Connection,
    mailbox: MailboxId,
    choose: Callable[[Columns], Sequence[int]],
    flags: Interning,
    numbers: Sequence[int] | None = None,
) -> tuple[Columns, ModSeq]:
    """Remove the rows that `choose` picks of each of these pages, or of all; leaves a tombstone."""
    taken, left = Columns(), []
    for page, rows in pages.read(db, mailbox, numbers):
        chosen = choose(rows)
        if chosen:
            gone, rest = rows.split(chosen)
            taken.extend(gone)
            left.append((page, rest))
    if not taken:
        return taken, modseq_of(db, mailbox)
    down = {name: -value for name, value in _tally(taken, flags).items()}
    counted = count(db, mailbox, messages=-len(taken), **down)
    for page, rows in left:
        pages.write(db, mailbox, page, rows, counted.modseq)
    tombstone = pack(ranges_of(taken.uids))
    db.execute("INSERT INTO expunged VALUES (?, ?, ?)", (mailbox, counted.modseq, tombstone))
    return taken, counted.modseq


def _tally(rows: Columns, flags: Interning) -> dict[str, int]:
    """What rows add to the counters of a mailbox."""
    unseen = deleted = 0
    for number in set(rows.flagsets):
        flagset, times = flags.flagset(number), rows.flagsets.count(number)
        unseen += 0 if flagset.seen else times
        deleted += times if flagset.deleted else 0
    return {"unseen": unseen, "deleted": deleted, "size": sum(rows.sizes)}


def modseq_of(db: sqlite3.Connection, mailbox: MailboxId) -> ModSeq:
    """The mailbox's highest mod-sequence. Raises NoSuchMailbox."""
    row = db.execute("SELECT modseq FROM mailboxes WHERE id = ?", (mailbox,)).fetchone()
    if row is None:
        raise NoSuchMailbox("the mailbox is gone")
    return ModSeq(row[0])


def uids_of(rows: Columns) -> Sequence[Uid]:
    """For results: an array of ints is what the model calls a sequence of UIDs."""
    return rows.uids  # type: ignore[return-value]
