# SPDX-License-Identifier: GPL-3.0-or-later
"""COPY, MOVE and EXPUNGE (RFC 9051, 6.4.3, 6.4.7 and 6.4.8). Runs inside a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ikserver.model.ids import MailboxId, ModSeq, Uid
from ikserver.model.mail import Copied, Expunged
from ikserver.store.embedded.mail import pages
from ikserver.store.embedded.mail.columns import Columns, Wanted
from ikserver.store.embedded.mail.filing import modseq_of, place, take, uids_of
from ikserver.store.embedded.mail.flags import Interning
from ikserver.store.embedded.mail.mailboxes import by_id
from ikserver.store.embedded.mail.quota import charge
from ikserver.store.embedded.mail.releasing import release, share


def copy(
    db: sqlite3.Connection, mailbox: MailboxId, uids: Sequence[Uid], target: MailboxId, now: float
) -> tuple[Copied, ModSeq]:
    """The copies share the bodies; also the new mod-sequence of the target. Raises NoSuchMailbox, OverQuota."""
    wanted, rows = Wanted(uids), Columns()
    modseq_of(db, mailbox)
    for _, page in pages.read(db, mailbox, wanted.pages()):
        rows.extend(page.split(wanted.among(page.uids))[0])
    charge(db, len(rows), sum(rows.sizes))
    share(db, rows.bodies)
    return _placed(db, target, rows, now)


def move(
    db: sqlite3.Connection, mailbox: MailboxId, uids: Sequence[Uid], target: MailboxId, now: float
) -> tuple[Copied, ModSeq, Expunged]:
    """All or none, unlike a COPY and an EXPUNGE (RFC 6851, 3.3). Raises NoSuchMailbox."""
    wanted = Wanted(uids)
    rows, modseq = take(db, mailbox, lambda page: wanted.among(page.uids), Interning(db), wanted.pages())
    gone = uids_of(rows)
    return *_placed(db, target, rows, now), Expunged(gone, modseq)


def expunge(db: sqlite3.Connection, mailbox: MailboxId, uids: Sequence[Uid] | None, now: float) -> Expunged:
    r"""Messages with \Deleted, of `uids` only when given (RFC 4315, 2.1). Raises NoSuchMailbox."""
    flags, before = Interning(db), by_id(db, mailbox)
    if not before.deleted:
        return Expunged((), before.highest_modseq)
    wanted = None if uids is None else Wanted(uids)

    def deleted(page: Columns) -> list[int]:
        marked = {number for number in set(page.flagsets) if flags.flagset(number).deleted}
        rows = range(len(page)) if wanted is None else wanted.among(page.uids)
        return [row for row in rows if page.flagsets[row] in marked] if marked else []

    return _gone(db, now, *take(db, mailbox, deleted, flags, None if wanted is None else wanted.pages()))


def has_older(db: sqlite3.Connection, mailbox: MailboxId, before: float) -> bool:
    """Whether `erase_older` would find anything."""
    return any(_older(page, before) for _, page in pages.read(db, mailbox))


def erase_older(db: sqlite3.Connection, mailbox: MailboxId, before: float, now: float) -> Expunged:
    """Messages that came to the mailbox earlier, whatever their flags and dates. Raises NoSuchMailbox."""
    return _gone(db, now, *take(db, mailbox, lambda page: _older(page, before), Interning(db)))


def _older(page: Columns, before: float) -> list[int]:
    """Nobody knows when those with 0 came: they stay."""
    return [row for row, saved in enumerate(page.saved) if 0 < saved < before]


def _gone(db: sqlite3.Connection, now: float, rows: Columns, modseq: ModSeq) -> Expunged:
    """Let go of rows that were taken."""
    release(db, rows.bodies, now)
    charge(db, -len(rows), -sum(rows.sizes))
    return Expunged(uids_of(rows), modseq)


def _placed(db: sqlite3.Connection, target: MailboxId, rows: Columns, now: float) -> tuple[Copied, ModSeq]:
    source = uids_of(rows)
    if not rows:
        mailbox = by_id(db, target)
        return Copied(mailbox.uidvalidity, source, source), mailbox.highest_modseq
    counted = place(db, target, rows, Interning(db), now)
    return Copied(counted.uidvalidity, source, uids_of(rows)), counted.modseq
