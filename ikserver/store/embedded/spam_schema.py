# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the spam filter in DATA/server.sqlite. A step, once released, never changes."""

from __future__ import annotations

COMPONENT = "spam"

# An owner is an address or an organisation and goes with it. `version` counts changes of its list; `spam` and `ham`
# count messages that were learned. Words are kept as numbers only.
STEPS = (
    """
    CREATE TABLE spam_owners (
        id INTEGER PRIMARY KEY,
        account INTEGER UNIQUE REFERENCES accounts ON DELETE CASCADE,
        organisation INTEGER UNIQUE REFERENCES organisations ON DELETE CASCADE,
        filter_on INTEGER NOT NULL DEFAULT 1,
        version INTEGER NOT NULL DEFAULT 0,
        spam INTEGER NOT NULL DEFAULT 0,
        ham INTEGER NOT NULL DEFAULT 0,
        CHECK ((account IS NULL) <> (organisation IS NULL))
    );
    CREATE TABLE spam_lists (
        owner INTEGER NOT NULL REFERENCES spam_owners ON DELETE CASCADE,
        side TEXT NOT NULL,
        pattern TEXT NOT NULL,
        PRIMARY KEY (owner, side, pattern)
    ) WITHOUT ROWID;
    CREATE TABLE spam_tokens (
        owner INTEGER NOT NULL REFERENCES spam_owners ON DELETE CASCADE,
        token INTEGER NOT NULL,
        spam INTEGER NOT NULL,
        ham INTEGER NOT NULL,
        PRIMARY KEY (owner, token)
    ) WITHOUT ROWID;
    CREATE TABLE spam_learned (
        account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
        body INTEGER NOT NULL,
        spam INTEGER NOT NULL,
        PRIMARY KEY (account, body)
    ) WITHOUT ROWID;
    CREATE TABLE spam_receipts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
        time INTEGER NOT NULL,
        receipt TEXT NOT NULL
    );
    CREATE INDEX spam_receipts_account ON spam_receipts (account);
    """,
    # Whether an organisation wants mail from outside to be marked.
    "ALTER TABLE spam_owners ADD COLUMN mentions INTEGER NOT NULL DEFAULT 0;",
    # Drawn anew with each lesson: who knows the words of this mark knows them all. 0: no lesson yet.
    """
    ALTER TABLE spam_owners ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;
    UPDATE spam_owners SET mark = random();
    """,
)
