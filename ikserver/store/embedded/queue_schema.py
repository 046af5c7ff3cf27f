# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the queue: one row a message, one a recipient and, kept by triggers, one a domain that is due."""

from __future__ import annotations

_FIRST = """
    CREATE TABLE queue_messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sender TEXT NOT NULL, ret TEXT NOT NULL, envid TEXT NOT NULL,
        body_type TEXT NOT NULL, smtputf8 INTEGER NOT NULL,
        size INTEGER NOT NULL, queued INTEGER NOT NULL,
        content BLOB, file TEXT
    );
    CREATE TABLE queue_recipients (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        message INTEGER NOT NULL REFERENCES queue_messages (id),
        recipient TEXT NOT NULL, notify TEXT NOT NULL, orcpt TEXT NOT NULL, account INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0, next_attempt INTEGER, last_error TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX queue_recipients_message ON queue_recipients (message);
    CREATE INDEX queue_recipients_due ON queue_recipients (next_attempt) WHERE next_attempt IS NOT NULL;
"""

# Local entries have no domain. `due` is the earliest next attempt of the domain: whoever sends finds the domain that
# waits longest in one step, however many entries the others have.
_BY_DOMAIN = """
    ALTER TABLE queue_recipients ADD COLUMN domain TEXT;
    ALTER TABLE queue_recipients ADD COLUMN state TEXT NOT NULL DEFAULT 'waiting';
    ALTER TABLE queue_recipients ADD COLUMN delay_told INTEGER NOT NULL DEFAULT 0;
    UPDATE queue_recipients SET state = 'given up' WHERE next_attempt IS NULL;
    UPDATE queue_recipients SET domain = lower(substr(recipient, instr(recipient, '@') + 1)) WHERE account IS NULL;
    DROP INDEX queue_recipients_due;
    CREATE INDEX queue_recipients_local ON queue_recipients (next_attempt)
        WHERE next_attempt IS NOT NULL AND account IS NOT NULL;
    CREATE INDEX queue_recipients_domain ON queue_recipients (domain, next_attempt)
        WHERE next_attempt IS NOT NULL AND domain IS NOT NULL;

    CREATE TABLE queue_domains (
        domain TEXT PRIMARY KEY, due INTEGER, paused INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE INDEX queue_domains_due ON queue_domains (due) WHERE due IS NOT NULL AND NOT paused;
    INSERT INTO queue_domains (domain, due)
        SELECT domain, min(next_attempt) FROM queue_recipients
        WHERE next_attempt IS NOT NULL AND domain IS NOT NULL GROUP BY domain;

    CREATE TRIGGER queue_domains_added AFTER INSERT ON queue_recipients WHEN new.domain IS NOT NULL
    BEGIN
        INSERT INTO queue_domains (domain, due) VALUES (new.domain, new.next_attempt)
            ON CONFLICT (domain) DO UPDATE SET due = min(ifnull(due, excluded.due), excluded.due);
    END;
    CREATE TRIGGER queue_domains_changed AFTER UPDATE OF next_attempt ON queue_recipients
        WHEN new.domain IS NOT NULL
    BEGIN
        INSERT INTO queue_domains (domain, due) VALUES (new.domain, new.next_attempt)
            ON CONFLICT (domain) DO UPDATE SET due = (
                SELECT min(next_attempt) FROM queue_recipients
                WHERE domain = new.domain AND next_attempt IS NOT NULL
            );
    END;
    CREATE TRIGGER queue_domains_left AFTER DELETE ON queue_recipients WHEN old.domain IS NOT NULL
    BEGIN
        UPDATE queue_domains SET due = (
            SELECT min(next_attempt) FROM queue_recipients WHERE domain = old.domain AND next_attempt IS NOT NULL
        ) WHERE domain = old.domain;
        DELETE FROM queue_domains WHERE domain = old.domain AND due IS NULL AND NOT paused;
    END;
"""

_EVENT = "ALTER TABLE queue_recipients ADD COLUMN event TEXT NOT NULL DEFAULT '';"

_SUBMITTER = "ALTER TABLE queue_messages ADD COLUMN submitter TEXT NOT NULL DEFAULT '';"

_TLS = "ALTER TABLE queue_messages ADD COLUMN tls TEXT NOT NULL DEFAULT '';"

# When a message was to go (RFC 4865), and how that was asked for; until now `queued` was that time.
_RELEASED = """
    ALTER TABLE queue_messages ADD COLUMN released INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue_messages ADD COLUMN hold TEXT NOT NULL DEFAULT '';
    UPDATE queue_messages SET released = queued;
"""

_HELD = "CREATE INDEX queue_messages_held ON queue_messages (submitter, size) WHERE hold <> '';"

# What must not come in twice, however often it is given to us.
_ONCE = """
    CREATE TABLE queue_once (key BLOB PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX queue_once_time ON queue_once (time);
"""

SCHEMA = [_FIRST, _BY_DOMAIN, _EVENT, _SUBMITTER, _TLS, _RELEASED, _HELD, _ONCE]
