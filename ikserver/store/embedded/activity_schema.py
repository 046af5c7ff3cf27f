# SPDX-License-Identifier: GPL-3.0-or-later
"""The activity log in DATA/server.sqlite, and the place in each account's database where its events wait.

A step, once released, never changes; new ones are added below it.
"""

from __future__ import annotations

ACTIVITY = "activity"

# (time, key) is what orders a search and where its pages end, so it ends every index: a page is read off it. The
# columns behind it are compared within the index, before the row is looked up.
ACTIVITY_STEPS = (
    """
    CREATE TABLE activity (
        id INTEGER PRIMARY KEY,
        time INTEGER NOT NULL,
        key INTEGER NOT NULL,
        address TEXT NOT NULL,
        direction TEXT NOT NULL,
        status TEXT NOT NULL,
        correspondent TEXT NOT NULL,
        message_id TEXT NOT NULL,
        message TEXT NOT NULL,
        event TEXT NOT NULL,
        domain TEXT AS (substr(address, instr(address, '@') + 1)) VIRTUAL
    );
    CREATE UNIQUE INDEX activity_time ON activity (time, key);
    CREATE INDEX activity_address ON activity (address, time, key, direction);
    CREATE INDEX activity_address_status ON activity (address, status, time, key, direction);
    CREATE INDEX activity_status ON activity (status, time, key, direction);
    CREATE INDEX activity_correspondent ON activity (correspondent, time, key, address, direction, status);
    CREATE INDEX activity_message_id ON activity (message_id, time, key) WHERE message_id <> '';
    CREATE INDEX activity_message ON activity (message);
    CREATE INDEX activity_domain ON activity (domain, time);

    CREATE TABLE activity_looks (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL);
    CREATE INDEX activity_looks_time ON activity_looks (time);
    """,
)

OUTBOX_STEPS = ("CREATE TABLE activity_outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL);",)
