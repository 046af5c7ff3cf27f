# SPDX-License-Identifier: GPL-3.0-or-later
"""Is what an account keeps whole? For `doctor` and for tests; reads one committed state, changes nothing."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from operator import lt

from ikserver.model.mail import Mailbox
from ikserver.store.embedded.mail import mailboxes, pages, quota, sweeping
from ikserver.store.embedded.mail.bodies import BlobFiles
from ikserver.store.embedded.mail.columns import PAGE_BITS, Columns, unpack
from ikserver.store.embedded.mail.flags import Interning


def faults(db: sqlite3.Connection, files: BlobFiles, now: float) -> list[str]:
    """A sentence for each fault; empty when all is well."""
    broken = [text for (text,) in db.execute("PRAGMA integrity_check") if text != "ok"]
    if broken:
        return [f"the database is damaged: {text}" for text in broken]
    references: Counter[int] = Counter()
    sizes: dict[int, int] = {}
    found: list[str] = []
    for mailbox in mailboxes.all_of(db):
        columns, page_faults = _load(db, mailbox)
        found += page_faults or _mailbox_faults(db, mailbox, columns)
        references.update(columns.bodies)
        sizes.update(zip(columns.bodies, columns.sizes, strict=False))
    return [
        *found,
        *_usage_faults(db),
        *_reference_faults(db, references),
        *_body_faults(db, files, sizes),
        *(f"file {name} belongs to no message" for name in sweeping.orphans(db, files, now)),
    ]


def _load(db: sqlite3.Connection, mailbox: Mailbox) -> tuple[Columns, list[str]]:
    columns, found = Columns(), []
    for page, rows in pages.read(db, mailbox.id):
        if {len(column) for column in rows.arrays()} != {len(rows)}:
            found.append(f"{mailbox.name}: columns of page {page} are not in step")
        if {uid >> PAGE_BITS for uid in rows.uids} != {page}:
            found.append(f"{mailbox.name}: page {page} has UIDs of another")
        columns.extend(rows)
    return columns, found


def _mailbox_faults(db: sqlite3.Connection, mailbox: Mailbox, columns: Columns) -> Iterator[str]:
    flags = Interning(db)
    flagsets = [flags.flagset(number) for number in columns.flagsets]
    counted = {
        "messages": len(columns),
        "unseen": sum(not flagset.seen for flagset in flagsets),
        "deleted": sum(flagset.deleted for flagset in flagsets),
        "size": sum(columns.sizes),
    }
    for name, number in counted.items():
        if getattr(mailbox, name) != number:
            yield f"{mailbox.name}: {name} is {number}, the counter says {getattr(mailbox, name)}"
    if not all(map(lt, columns.uids, [*columns.uids[1:], mailbox.uidnext])):
        yield f"{mailbox.name}: UIDs do not ascend to UIDNEXT"
    if max(columns.modseqs, default=0) > mailbox.highest_modseq:
        yield f"{mailbox.name}: a mod-sequence is above HIGHESTMODSEQ"


def _usage_faults(db: sqlite3.Connection) -> Iterator[str]:
    usage = quota.usage(db)
    kept = db.execute("SELECT total(size), total(messages) FROM mailboxes").fetchone()
    if kept != (usage.bytes, usage.messages):
        yield f"the account keeps {kept[0]:.0f} octets in {kept[1]:.0f} messages, its counters say other"


def _reference_faults(db: sqlite3.Connection, references: Counter[int]) -> Iterator[str]:
    shared = {body: times - 1 for body, times in references.items() if times > 1}
    if shared != dict(db.execute("SELECT body, extra FROM shared")):
        yield "the counts of messages that share a body are wrong"
    dropped = {body for (packed,) in db.execute("SELECT bodies FROM dropped") for body in unpack("I", packed)}
    if dropped & references.keys():
        yield f"{len(dropped & references.keys())} bodies are dropped but have messages"
    there = {body for (body,) in db.execute("SELECT id FROM bodies")}
    if there - dropped - references.keys():
        yield f"{len(there - dropped - references.keys())} bodies have no message and are not dropped"


def _body_faults(db: sqlite3.Connection, files: BlobFiles, sizes: dict[int, int]) -> Iterator[str]:
    stored = {body: row for body, *row in db.execute("SELECT id, size, length(content), file FROM bodies")}
    facts = {body for (body,) in db.execute("SELECT body FROM facts")}
    texts = {body for (body,) in db.execute("SELECT body FROM recent_texts")}
    for (bodies,) in db.execute("SELECT bodies FROM texts"):
        texts.update(unpack("I", bodies))
    for body, size in sizes.items():
        kept, inline, file = stored.get(body, (None, None, None))
        if kept is None:
            yield f"body {body} is missing"
        elif kept != size or (file is None and inline != size):
            yield f"body {body} has not the size that its message tells"
        elif file is not None and (fault := files.fault(file, size)):
            yield f"body {body}: file {file} {fault}"
        if body not in facts or body not in texts:
            yield f"body {body} lacks what the scanner found"
