# SPDX-License-Identifier: GPL-3.0-or-later
"""What is removed some time after it was let go: bodies without messages, old tombstones, files without rows."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Sequence

from ikserver.store.embedded.mail.bodies import BlobFiles
from ikserver.store.embedded.mail.columns import unpack

GRACE_SECONDS = 15 * 60
"""So long a dropped body stays readable for sessions that still show its message (RFC 2180, 4.1.2)."""
ORPHAN_SECONDS = 60 * 60
"""A file without a row is younger than this while the transaction that gives it a row may still come."""
MAX_TOMBSTONES = 10_000
"""In a mailbox: one for each transaction that removed messages."""
BODIES_AT_ONCE = 256


def expired(db: sqlite3.Connection, now: float) -> array[int]:
    """Dropped bodies whose time has come."""
    bodies = array("I")
    for (packed,) in db.execute("SELECT bodies FROM dropped WHERE time <= ?", (int(now) - GRACE_SECONDS,)):
        bodies.extend(unpack("I", packed))
    return bodies


def erase(db: sqlite3.Connection, bodies: Sequence[int]) -> list[str]:
    """Remove the rows of bodies, in a transaction; returns the files to discard after its commit."""
    chosen = (json.dumps(list(bodies)),)
    files = db.execute(
        "SELECT file FROM bodies WHERE file NOTNULL AND id IN (SELECT value FROM json_each(?))", chosen
    ).fetchall()
    db.execute("DELETE FROM bodies WHERE id IN (SELECT value FROM json_each(?))", chosen)
    db.execute("DELETE FROM facts WHERE body IN (SELECT value FROM json_each(?))", chosen)
    db.execute("DELETE FROM recent_texts WHERE body IN (SELECT value FROM json_each(?))", chosen)
    return [file for (file,) in files]


def forget_dropped(db: sqlite3.Connection, now: float) -> None:
    """After all that `expired` told was erased."""
    db.execute("DELETE FROM dropped WHERE time <= ?", (int(now) - GRACE_SECONDS,))


def crowded(db: sqlite3.Connection) -> list[int]:
    """Mailboxes with too many tombstones."""
    sql = "SELECT mailbox FROM expunged GROUP BY mailbox HAVING count(*) > ?"
    return [mailbox for (mailbox,) in db.execute(sql, (MAX_TOMBSTONES,))]


def trim_tombstones(db: sqlite3.Connection) -> None:
    """Keep the newest of each mailbox; of older ones only `floor` tells."""
    for mailbox in crowded(db):
        (floor,) = db.execute(
            "SELECT modseq FROM expunged WHERE mailbox = ? ORDER BY modseq DESC LIMIT 1 OFFSET ?",
            (mailbox, MAX_TOMBSTONES),
        ).fetchone()
        db.execute("DELETE FROM expunged WHERE mailbox = ? AND modseq <= ?", (mailbox, floor))
        db.execute("UPDATE mailboxes SET floor = ? WHERE id = ?", (floor, mailbox))


def orphans(db: sqlite3.Connection, files: BlobFiles, now: float) -> list[str]:
    """Files that have no row, and no transaction that could still bring one."""
    old = [name for name in files.names() if files.age(name, now) > ORPHAN_SECONDS]
    if not old:
        return []
    rows = "SELECT file FROM bodies WHERE file NOTNULL UNION ALL SELECT file FROM posts WHERE file NOTNULL"
    known = {file for (file,) in db.execute(rows)}
    return [name for name in old if name not in known]
