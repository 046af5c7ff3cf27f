# SPDX-License-Identifier: GPL-3.0-or-later
"""What the queue asks of SQLite. Functions that change something run inside a transaction of the Writer."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any

from ikserver.model.activity import Event
from ikserver.model.tls import TlsWish
from ikserver.store.api.queue import (
    Batch,
    Claimed,
    ClaimedRecipient,
    Postponed,
    QueuedMessage,
    QueuedRecipient,
    QueueEntry,
    QueueState,
)
from ikserver.store.embedded import activity_rows

ENTRIES = """
    SELECT r.id, m.id, m.sender, r.recipient, r.account, m.size, m.queued, r.attempts, r.next_attempt, r.last_error,
        r.state, m.released
    FROM queue_recipients r JOIN queue_messages m ON m.id = r.message
"""
Kept = tuple[bytes | None, str | None, int]
"""A body: its content or the name of its file, and its size."""

ONCE_SECONDS = 7 * 86_400

_DUE_DOMAIN = """
    SELECT domain FROM queue_domains WHERE due <= ? AND due IS NOT NULL AND NOT paused
        AND domain NOT IN (SELECT value FROM json_each(?)) ORDER BY due LIMIT 1
"""
_DUE_ENTRIES = """
    SELECT id, message, recipient, notify, orcpt, account, attempts, delay_told, event FROM queue_recipients
    WHERE domain = ? AND next_attempt IS NOT NULL AND next_attempt <= ? ORDER BY next_attempt, message LIMIT ?
"""
_DUE_LOCAL = """
    SELECT id, message, recipient, notify, orcpt, account, attempts, delay_told, event FROM queue_recipients
    WHERE account IS NOT NULL AND next_attempt <= ? ORDER BY next_attempt LIMIT ?
"""
BACKLOG = """
    SELECT waiting, (SELECT max(queued, released) FROM queue_messages WHERE id = first)
    FROM (
        SELECT count(*) AS waiting, min(message) AS first FROM queue_recipients
        WHERE next_attempt IS NOT NULL AND (attempts > 0 OR next_attempt <= ?)
    )
"""
"""Numbers of messages grow with time."""
_MESSAGE = """
    SELECT sender, size, queued, ret, envid, body_type, smtputf8, submitter, tls, released, hold
    FROM queue_messages WHERE id = ?
"""


def entry_of(row: Sequence[Any]) -> QueueEntry:
    """A row of ENTRIES."""
    *values, state, released = row
    return QueueEntry(*(*values, QueueState(state), released))


def domain_of(address: str) -> str:
    """What entries are sent together by: the domain in lower case."""
    return address.rpartition("@")[2].lower()


def insert(connection: sqlite3.Connection, message: QueuedMessage, kept: Kept, queued: int) -> int:
    """Add a message whose body is kept; its number."""
    content, file, size = kept
    released = max(queued, message.not_before)
    values = message.sender, message.ret, message.envid, message.body_type, message.smtputf8, message.submitter
    number = connection.execute(
        "INSERT INTO queue_messages"
        " (sender, ret, envid, body_type, smtputf8, submitter, tls, size, queued, released, hold, content, file)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (*values, message.tls.value, size, queued, released, message.hold, content, file),
    ).fetchone()[0]
    connection.executemany(
        "INSERT INTO queue_recipients (message, recipient, notify, orcpt, account, domain, next_attempt, event)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(number, r.address, r.notify, r.orcpt, r.account, _domain(r), released, _text(r)) for r in message.recipients],
    )
    events = [r.event for r in message.recipients if r.event is not None and not r.quiet]
    activity_rows.insert(connection, [*message.events, *events])
    return int(number)


def is_first(connection: sqlite3.Connection, key: bytes, now: int) -> bool:
    """Whether this key was not there in the last days; from now on it is."""
    connection.execute("DELETE FROM queue_once WHERE time < ?", (now - ONCE_SECONDS,))
    return connection.execute("INSERT OR IGNORE INTO queue_once VALUES (?, ?)", (key, now)).rowcount == 1


def _text(recipient: QueuedRecipient) -> str:
    return "" if recipient.event is None else activity_rows.encode(recipient.event)


def event_of(text: str) -> Event | None:
    """What `insert` kept."""
    return activity_rows.decode(text) if text else None


def _domain(recipient: QueuedRecipient) -> str | None:
    return domain_of(recipient.address) if recipient.account is None else None


def due_domain(connection: sqlite3.Connection, now: int, busy: Collection[str]) -> str | None:
    """The domain whose mail waits longest."""
    row = connection.execute(_DUE_DOMAIN, (now, json.dumps(sorted(busy)))).fetchone()
    return None if row is None else str(row[0])


def lend_local(connection: sqlite3.Connection, now: int, until: int, most: int) -> list[Claimed]:
    """Entries for mailboxes of ours."""
    rows = connection.execute(_DUE_LOCAL, (now, most)).fetchall()
    lend(connection, [row[0] for row in rows], until)
    return [_claimed_message(connection, row[1], [_claimed(row)]) for row in rows]


def claim(connection: sqlite3.Connection, domain: str, now: int, until: int, most: int) -> Batch | None:
    """Lend what waits for a domain; None when somebody else was quicker."""
    rows = connection.execute(_DUE_ENTRIES, (domain, now, most)).fetchall()
    lend(connection, [row[0] for row in rows], until)
    rows.sort(key=lambda row: (row[1], row[0]))
    messages = []
    for number, group in groupby(rows, key=lambda row: row[1]):
        recipients = [_claimed(row) for row in group]
        messages.append(_claimed_message(connection, number, recipients))
    return Batch(domain, messages) if messages else None


def _claimed_message(connection: sqlite3.Connection, number: int, recipients: Sequence[ClaimedRecipient]) -> Claimed:
    row = connection.execute(_MESSAGE, (number,)).fetchone()
    sender, size, queued, ret, envid, body_type, utf8, by, tls, *later = row
    values = sender, recipients, size, queued, ret, envid, body_type, bool(utf8), by, TlsWish(tls)
    return Claimed(number, *values, *later)


def _claimed(row: tuple[Any, ...]) -> ClaimedRecipient:
    entry, _, address, notify, orcpt, account, attempts, delay_told, event = row
    to = QueuedRecipient(address, notify, orcpt, account, event_of(event))
    return ClaimedRecipient(entry, to, attempts, bool(delay_told))


def lend(connection: sqlite3.Connection, entries: Sequence[int], until: int) -> None:
    """Nobody else gets them until then."""
    connection.executemany(
        "UPDATE queue_recipients SET state = 'sending', next_attempt = ? WHERE id = ?",
        [(until, entry) for entry in entries],
    )


def postpone(connection: sqlite3.Connection, postponed: Sequence[Postponed]) -> None:
    """They wait again or are given up, unless somebody held them meanwhile."""
    connection.executemany(
        "UPDATE queue_recipients SET attempts = attempts + 1, last_error = ?, delay_told = ?,"
        " next_attempt = iif(state = 'held', NULL, ?), state = iif(state = 'held', state, ?) WHERE id = ?",
        [(each.error, each.delay_told, each.next_attempt, _state_of(each).value, each.entry) for each in postponed],
    )


def _state_of(postponed: Postponed) -> QueueState:
    return QueueState.GIVEN_UP if postponed.next_attempt is None else QueueState.WAITING


def remove(connection: sqlite3.Connection, entries: Sequence[int]) -> list[str]:
    """The names of the files that nobody needs any more."""
    files = []
    for entry in entries:
        row = connection.execute("DELETE FROM queue_recipients WHERE id = ? RETURNING message", (entry,)).fetchone()
        if row is None or connection.execute("SELECT 1 FROM queue_recipients WHERE message = ?", row).fetchone():
            continue
        file = connection.execute("DELETE FROM queue_messages WHERE id = ? RETURNING file", row).fetchone()[0]
        files += [file] if file is not None else []
    return files


def hold(connection: sqlite3.Connection, entry: int) -> None:
    """Raises KeyError."""
    held = "UPDATE queue_recipients SET state = 'held', next_attempt = NULL WHERE id = ?"
    if not connection.execute(held, (entry,)).rowcount:
        raise KeyError(entry)


def retry(connection: sqlite3.Connection, entry: int, now: int) -> None:
    """What is being sent just now stays with whoever sends it. Raises KeyError."""
    waits = "UPDATE queue_recipients SET state = 'waiting', next_attempt = ? WHERE id = ? AND state <> 'sending'"
    if connection.execute(waits, (now, entry)).rowcount:
        return
    if connection.execute("SELECT 1 FROM queue_recipients WHERE id = ?", (entry,)).fetchone() is None:
        raise KeyError(entry)
