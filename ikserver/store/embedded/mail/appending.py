# SPDX-License-Identifier: GPL-3.0-or-later
"""New messages: bodies, what the scanner found, rows. Runs inside a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ikserver.model.ids import MailboxId
from ikserver.model.mail import Appended, NewMessage
from ikserver.store.embedded.mail import outbox
from ikserver.store.embedded.mail.columns import Columns
from ikserver.store.embedded.mail.filing import place, uids_of
from ikserver.store.embedded.mail.flags import Interning
from ikserver.store.embedded.mail.kept import Kept
from ikserver.store.embedded.mail.quota import charge
from protocols.message import Scan

SCANNER = 1
"""Version of what is kept of a scan. Raise it when `protocols.message` finds other things than before."""


def append(db: sqlite3.Connection, mailbox: MailboxId, new: Sequence[Kept[NewMessage]], now: float) -> Appended:
    """Store all or, by raising, none (RFC 3502, 6.3.11). Raises NoSuchMailbox, OverQuota, CannotChange."""
    first = charge(db, len(new), sum(kept.size for kept in new), len(new))
    flags, rows = Interning(db), Columns()
    for body, kept in enumerate(new, first):
        _insert(db, body, kept)
        message = kept.message
        rows.flagsets.append(flags.intern(message.flags).id)
        rows.dates.append(message.internal_date)
        rows.zones.append(message.zone)
        rows.sizes.append(kept.size)
        rows.bodies.append(body)
        outbox.put(db, message.events)
    counted = place(db, mailbox, rows, flags, now)
    return Appended(counted.uidvalidity, uids_of(rows), counted.modseq)


def _insert(db: sqlite3.Connection, body: int, kept: Kept[NewMessage]) -> None:
    db.execute("INSERT INTO bodies VALUES (?, ?, ?, ?)", (body, kept.size, kept.content, kept.file))
    insert_facts(db, body, kept.message.scan)


def insert_facts(db: sqlite3.Connection, body: int, scan: Scan) -> None:
    """Keep what the scanner found of a body."""
    db.execute(
        "REPLACE INTO facts VALUES (?, ?, ?, ?, ?, ?)",
        (body, scan.envelope, scan.structure, scan.headers, scan.parts, scan.body),
    )
    text = scan.search
    searched = (text.subject, text.from_, text.to, text.cc, text.bcc, f"\n{text.headers}", text.body)
    db.execute(
        "REPLACE INTO recent_texts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (body, scan.sent, scan.sent_day, text.body_complete, *(part.encode("utf-8", "replace") for part in searched)),
    )
