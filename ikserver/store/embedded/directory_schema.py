# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory's tables in DATA/server.sqlite. A step, once released, never changes; new ones are added below it."""

from __future__ import annotations

COMPONENT = "directory"

STEPS = (
    """
    CREATE TABLE directory (generation INTEGER NOT NULL);
    INSERT INTO directory VALUES (0);

    CREATE TABLE organisations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        rights TEXT NOT NULL,
        quota INTEGER,
        max_targets INTEGER NOT NULL
    );
    CREATE TABLE people (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        login TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        password TEXT
    );
    CREATE TABLE memberships (
        person INTEGER NOT NULL REFERENCES people ON DELETE CASCADE,
        organisation INTEGER NOT NULL REFERENCES organisations ON DELETE CASCADE,
        role TEXT NOT NULL,
        PRIMARY KEY (person, organisation)
    ) WITHOUT ROWID;
    CREATE TABLE domains (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        organisation INTEGER NOT NULL REFERENCES organisations,
        catchall INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE accounts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        address TEXT NOT NULL UNIQUE,
        domain INTEGER NOT NULL REFERENCES domains,
        name TEXT NOT NULL,
        state TEXT NOT NULL,
        keep INTEGER NOT NULL DEFAULT 1,
        password TEXT,
        stored_key BLOB,
        server_key BLOB,
        salt BLOB NOT NULL,
        iterations INTEGER NOT NULL
    );
    CREATE INDEX accounts_of_domain ON accounts (domain);
    CREATE TABLE redirections (
        account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
        target TEXT NOT NULL,
        PRIMARY KEY (account, target)
    ) WITHOUT ROWID;
    CREATE TABLE attachments (
        person INTEGER NOT NULL REFERENCES people ON DELETE CASCADE,
        account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
        rights TEXT NOT NULL,
        PRIMARY KEY (person, account)
    ) WITHOUT ROWID;
    CREATE INDEX attachments_of_account ON attachments (account);

    CREATE TABLE mail_groups (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        address TEXT NOT NULL UNIQUE,
        domain INTEGER NOT NULL REFERENCES domains
    );
    CREATE TABLE group_members (
        mail_group INTEGER NOT NULL REFERENCES mail_groups ON DELETE CASCADE,
        address TEXT NOT NULL,
        PRIMARY KEY (mail_group, address)
    ) WITHOUT ROWID;

    -- Every address that takes mail, so that none is given twice: an account's own, its aliases, the groups.
    CREATE TABLE addresses (
        address TEXT PRIMARY KEY,
        domain INTEGER NOT NULL REFERENCES domains,
        account INTEGER REFERENCES accounts ON DELETE CASCADE,
        mail_group INTEGER REFERENCES mail_groups ON DELETE CASCADE,
        CHECK ((account IS NULL) <> (mail_group IS NULL))
    ) WITHOUT ROWID;
    CREATE INDEX addresses_of_domain ON addresses (domain);
    CREATE INDEX addresses_of_account ON addresses (account);
    CREATE INDEX addresses_of_group ON addresses (mail_group);

    CREATE TABLE device_passwords (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
        person INTEGER REFERENCES people ON DELETE CASCADE,
        name TEXT NOT NULL,
        digest BLOB NOT NULL,
        scopes TEXT NOT NULL,
        created INTEGER NOT NULL,
        last_used INTEGER,
        stored_key BLOB,
        server_key BLOB,
        UNIQUE (account, name)
    );
    CREATE INDEX device_passwords_of_person ON device_passwords (person);
    """,
    # What ends sessions is counted, so that a session can find out that it should have ended.
    "ALTER TABLE accounts ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;",
    # How far back the activity log of an organisation goes; NULL: as the settings say.
    "ALTER TABLE organisations ADD COLUMN retention_days INTEGER;",
    # Whether others have to use TLS when they send to a domain.
    "ALTER TABLE domains ADD COLUMN mta_sts TEXT NOT NULL DEFAULT 'testing';",
    # To how many recipients they may write in 24 hours; NULL: as the settings say.
    """
    ALTER TABLE organisations ADD COLUMN daily_recipients INTEGER;
    ALTER TABLE organisations ADD COLUMN daily_recipients_each INTEGER;
    ALTER TABLE accounts ADD COLUMN daily_recipients INTEGER;
    """,
    # Addresses without a mailbox, and those elsewhere who are asked whether they want their mail.
    """
    ALTER TABLE accounts ADD COLUMN mailbox INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE organisations ADD COLUMN max_redirections INTEGER NOT NULL DEFAULT 20;
    ALTER TABLE organisations ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
    CREATE TABLE invitations (
        account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
        target TEXT NOT NULL,
        digest BLOB NOT NULL UNIQUE,
        consent TEXT NOT NULL,
        expires INTEGER NOT NULL,
        PRIMARY KEY (account, target)
    ) WITHOUT ROWID;
    """,
    # What an organisation wants of mail from strangers; NULL: as the settings say.
    """
    CREATE TABLE origin_policies (
        organisation INTEGER PRIMARY KEY REFERENCES organisations ON DELETE CASCADE,
        dmarc TEXT,
        bad_lists TEXT,
        good_lists TEXT
    );
    """,
)
