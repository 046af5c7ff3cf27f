# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of one account's mail. A step, once released, never changes: the next one follows it."""

from __future__ import annotations

VERSION_1 = """
-- One row. `next_body` and `next_uidvalidity` only grow: no number is used twice. `scanner` is the version of the
-- scanner that made the facts and texts, or an older one: see rescanning.py.
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    next_body INTEGER NOT NULL,
    next_uidvalidity INTEGER NOT NULL,
    scanner INTEGER NOT NULL,
    bytes INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    bytes_limit INTEGER,
    messages_limit INTEGER
);

-- `floor`: tombstones up to this mod-sequence were trimmed.
CREATE TABLE mailboxes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    uidvalidity INTEGER NOT NULL UNIQUE,
    uidnext INTEGER NOT NULL DEFAULT 1,
    modseq INTEGER NOT NULL DEFAULT 1,
    messages INTEGER NOT NULL DEFAULT 0,
    unseen INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT 0,
    floor INTEGER NOT NULL DEFAULT 0,
    special_use TEXT
);
CREATE TABLE subscriptions (name TEXT PRIMARY KEY) WITHOUT ROWID;
-- Names that a mailbox had and left, with its UIDVALIDITY: the next one of that name needs a higher one.
CREATE TABLE retired (name TEXT PRIMARY KEY, uidvalidity INTEGER NOT NULL) WITHOUT ROWID;

-- A number stands for a combination of flags, in the whole account.
CREATE TABLE keywords (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE);
CREATE TABLE flagsets (id INTEGER PRIMARY KEY, flags TEXT NOT NULL UNIQUE);
INSERT INTO flagsets VALUES (0, '');

-- Messages as packed columns, one row for the UIDs that share `uid >> 8`; see columns.py. `pages` holds what never
-- changes, `marks` what STORE rewrites. `modseq` is that of the last change to the row, removals included.
CREATE TABLE pages (
    mailbox INTEGER NOT NULL REFERENCES mailboxes (id),
    page INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    uids BLOB NOT NULL,
    dates BLOB NOT NULL,
    zones BLOB NOT NULL,
    sizes BLOB NOT NULL,
    bodies BLOB NOT NULL,
    PRIMARY KEY (mailbox, page)
);
CREATE INDEX pages_by_modseq ON pages (mailbox, modseq);
CREATE TABLE marks (
    mailbox INTEGER NOT NULL REFERENCES mailboxes (id),
    page INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    flagsets BLOB NOT NULL,
    modseqs BLOB NOT NULL,
    PRIMARY KEY (mailbox, page)
);
CREATE INDEX marks_by_modseq ON marks (mailbox, modseq);
-- Tombstones: one row for each transaction that removed messages; `uids` are packed (first, last) pairs.
CREATE TABLE expunged (
    mailbox INTEGER NOT NULL REFERENCES mailboxes (id),
    modseq INTEGER NOT NULL,
    uids BLOB NOT NULL,
    PRIMARY KEY (mailbox, modseq)
) WITHOUT ROWID;

-- Octets: in `content`, or in the file blobs/`file` of this body alone.
CREATE TABLE bodies (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, content BLOB, file TEXT);
-- How many messages beyond the first refer to a body, where there are any.
CREATE TABLE shared (body INTEGER PRIMARY KEY, extra INTEGER NOT NULL);
-- Bodies that no message refers to any more; swept some time later.
CREATE TABLE dropped (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, bodies BLOB NOT NULL);
-- What the scanner found, as IMAP sends it.
CREATE TABLE facts (
    body INTEGER PRIMARY KEY,
    envelope BLOB NOT NULL,
    structure BLOB NOT NULL,
    headers BLOB NOT NULL,
    parts BLOB NOT NULL,
    basic BLOB NOT NULL
);
-- Normalised text for SEARCH: first a row a body, later a compressed page for a range of bodies; see texts.py.
CREATE TABLE recent_texts (
    body INTEGER PRIMARY KEY,
    sent INTEGER,
    day INTEGER,
    complete INTEGER NOT NULL,
    subject BLOB NOT NULL,
    "from" BLOB NOT NULL,
    "to" BLOB NOT NULL,
    cc BLOB NOT NULL,
    bcc BLOB NOT NULL,
    headers BLOB NOT NULL,
    text BLOB NOT NULL
);
CREATE TABLE texts (
    first INTEGER PRIMARY KEY,
    bodies BLOB NOT NULL,
    sent BLOB NOT NULL,
    days BLOB NOT NULL,
    complete BLOB NOT NULL,
    subject BLOB NOT NULL,
    "from" BLOB NOT NULL,
    "to" BLOB NOT NULL,
    cc BLOB NOT NULL,
    bcc BLOB NOT NULL,
    headers BLOB NOT NULL,
    text BLOB NOT NULL
);
"""

# When each message came to its mailbox; 0 for those that were there before this was kept.
VERSION_2 = """
ALTER TABLE pages ADD COLUMN saved BLOB NOT NULL DEFAULT x'';
UPDATE pages SET saved = zeroblob(length(uids));
"""

# Whatever changes a row of `pages` changes its row of `marks`, whose index is enough: one page less in each commit.
VERSION_3 = """
DROP INDEX pages_by_modseq;
"""

STEPS = (VERSION_1, VERSION_2, VERSION_3)
