# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened to a mailbox since a mod-sequence (RFC 7162, 3.2.5). Runs inside a transaction."""

from __future__ import annotations

import sqlite3
from array import array
from itertools import chain

from ikserver.model.ids import MailboxId, ModSeq
from ikserver.model.mail import Delta
from ikserver.store.api.errors import NoSuchMailbox
from ikserver.store.embedded.mail import pages
from ikserver.store.embedded.mail.columns import from_ranges, uid_array, unpack


def delta(db: sqlite3.Connection, mailbox: MailboxId, since: ModSeq) -> Delta:
    """Raises NoSuchMailbox."""
    row = db.execute("SELECT modseq, floor, uidnext FROM mailboxes WHERE id = ?", (mailbox,)).fetchone()
    if row is None:
        raise NoSuchMailbox("the mailbox is gone")
    modseq, floor, uidnext = row
    changed = uid_array()
    for _, rows in pages.read_changed_marks(db, mailbox, since):
        changed.extend(uid for uid, one in zip(rows.uids, rows.modseqs, strict=True) if one > since)
    complete = since >= floor
    gone = _tombstones(db, mailbox, since) if complete else _missing(db, mailbox, uidnext)
    return Delta(changed, gone, ModSeq(modseq), complete)  # type: ignore[arg-type]


def _tombstones(db: sqlite3.Connection, mailbox: MailboxId, since: ModSeq) -> array[int]:
    rows = db.execute("SELECT uids FROM expunged WHERE mailbox = ? AND modseq > ?", (mailbox, since))
    return uid_array(
        sorted(chain.from_iterable(chain.from_iterable(from_ranges(unpack("I", uids)) for (uids,) in rows)))
    )


def _missing(db: sqlite3.Connection, mailbox: MailboxId, uidnext: int) -> array[int]:
    """Every UID that was given out and has no message."""
    gone, expected = uid_array(), 1
    for uid in chain((uid for _, rows in pages.read_marks(db, mailbox) for uid in rows.uids), [uidnext]):
        gone.extend(range(expected, uid))
        expected = uid + 1
    return gone
