# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account keeps and may keep (RFC 9208). Runs inside a transaction."""

from __future__ import annotations

import sqlite3

from ikserver.model.mail import Usage
from ikserver.store.api.errors import OverQuota


def usage(db: sqlite3.Connection) -> Usage:
    """What the account keeps and may keep (RFC 9208, 5)."""
    return Usage(*db.execute("SELECT bytes, messages, bytes_limit, messages_limit FROM account").fetchone())


def set_quota(db: sqlite3.Connection, bytes_limit: int | None, messages_limit: int | None) -> None:
    """A limit below what is kept already only stops more from coming."""
    db.execute("UPDATE account SET bytes_limit = ?, messages_limit = ?", (bytes_limit, messages_limit))


def charge(db: sqlite3.Connection, messages: int, size: int, bodies: int = 0) -> int:
    """Add to what the account keeps and number so many new bodies; returns the first number.

    Raises OverQuota when that is more than it may keep (RFC 9208, 4.3).
    """
    bytes_, count_, bytes_limit, messages_limit, next_body = db.execute(
        """UPDATE account SET messages = messages + ?, bytes = bytes + ?, next_body = next_body + ?
           RETURNING bytes, messages, bytes_limit, messages_limit, next_body""",
        (messages, size, bodies),
    ).fetchone()
    if size > 0 and bytes_limit is not None and bytes_ > bytes_limit:
        raise OverQuota("the account has no room for this")
    if messages > 0 and messages_limit is not None and count_ > messages_limit:
        raise OverQuota("the account has no room for more messages")
    return int(next_body) - bodies
