# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of one account's Sieve scripts. A step, once released, never changes: the next one follows it."""

from __future__ import annotations

SIEVE = "sieve"

SIEVE_STEPS = (
    """
    CREATE TABLE scripts (name TEXT PRIMARY KEY, content BLOB NOT NULL, active INTEGER NOT NULL DEFAULT 0);
    CREATE UNIQUE INDEX scripts_active ON scripts (active) WHERE active;

    -- What scripts remember: whom they answered, which messages they saw.
    CREATE TABLE remembered (key BLOB PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX remembered_until ON remembered (until);

    -- Mail that leaves the account, until it is in the queue: `post` is JSON; octets in `content`, or in the file
    -- blobs/`file` of this row alone.
    CREATE TABLE posts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key BLOB NOT NULL,
        post TEXT NOT NULL,
        size INTEGER NOT NULL,
        content BLOB,
        file TEXT
    );
    """,
)
