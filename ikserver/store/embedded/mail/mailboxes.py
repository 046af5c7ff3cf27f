# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailbox rows: reading them, and CREATE, DELETE, RENAME, SUBSCRIBE as jobs of a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ikserver.model.ids import MailboxId, ModSeq, Uid
from ikserver.model.mail import Mailbox, SpecialUse
from ikserver.store.api.errors import CannotChange, MailboxExists, NoSuchMailbox
from ikserver.store.embedded.mail import pages
from ikserver.store.embedded.mail.columns import uid_array
from ikserver.store.embedded.mail.filing import place, take
from ikserver.store.embedded.mail.flags import Interning
from ikserver.store.embedded.mail.names import INBOX, SEPARATOR, with_parents
from ikserver.store.embedded.mail.quota import charge
from ikserver.store.embedded.mail.releasing import release

MAX_MAILBOXES = 10_000

_SELECT = """SELECT id, name, uidvalidity, uidnext, modseq, messages, unseen, deleted, size, special_use,
    name IN (SELECT name FROM subscriptions) FROM mailboxes """


def _mailbox(row: tuple[MailboxId, str, int, Uid, ModSeq, int, int, int, int, str | None, int]) -> Mailbox:
    return Mailbox(*row[:9], SpecialUse(row[9]) if row[9] else None, bool(row[10]))


def all_of(db: sqlite3.Connection) -> Sequence[Mailbox]:
    """Ordered by name."""
    return [_mailbox(row) for row in db.execute(_SELECT + "ORDER BY name")]


def by_name(db: sqlite3.Connection, name: str) -> Mailbox:
    """Raises NoSuchMailbox."""
    row = db.execute(_SELECT + "WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise NoSuchMailbox(f"there is no mailbox {name}")
    return _mailbox(row)


def by_name_or_inbox(db: sqlite3.Connection, name: str) -> MailboxId:
    """Where mail for a mailbox goes that may be gone."""
    row = db.execute("SELECT id FROM mailboxes WHERE name IN (?, ?) ORDER BY name = ?", (name, INBOX, INBOX)).fetchone()
    return MailboxId(row[0])


def by_id(db: sqlite3.Connection, mailbox: MailboxId) -> Mailbox:
    """Raises NoSuchMailbox."""
    row = db.execute(_SELECT + "WHERE id = ?", (mailbox,)).fetchone()
    if row is None:
        raise NoSuchMailbox("the mailbox is gone")
    return _mailbox(row)


def set_special_use(db: sqlite3.Connection, name: str, use: SpecialUse) -> None:
    """One mailbox has this use from now on, and no other (RFC 6154, 2). Raises NoSuchMailbox, CannotChange."""
    mailbox = by_name(db, name)
    if name == INBOX or mailbox.special_use not in (None, use):
        raise CannotChange(f"{name} is for something else already")
    db.execute("UPDATE mailboxes SET special_use = NULL WHERE special_use = ?", (use.value,))
    db.execute("UPDATE mailboxes SET special_use = ? WHERE id = ?", (use.value, mailbox.id))


def subscriptions(db: sqlite3.Connection) -> Sequence[str]:
    return [name for (name,) in db.execute("SELECT name FROM subscriptions ORDER BY name")]


def subscribe(db: sqlite3.Connection, name: str, subscribed: bool) -> None:
    """Of a name, whether there is a mailbox or not (RFC 9051, 6.3.7)."""
    db.execute("INSERT OR IGNORE INTO subscriptions VALUES (?)" if subscribed else
               "DELETE FROM subscriptions WHERE name = ?", (name,))  # fmt: skip


def create(db: sqlite3.Connection, name: str, now: float, use: SpecialUse | None = None) -> None:
    """With the parents that are missing (RFC 9051, 6.3.4). Raises MailboxExists, CannotChange."""
    if exists(db, name):
        raise MailboxExists(f"there is a mailbox {name} already")
    for level in with_parents(name):
        if not exists(db, level):
            _insert(db, level, now, use if level == name else None)


def delete(db: sqlite3.Connection, name: str, now: float) -> None:
    """Children stay. Raises NoSuchMailbox, CannotChange."""
    if name == INBOX:
        raise CannotChange("INBOX cannot be deleted")
    mailbox = by_name(db, name)
    bodies = uid_array()
    for _, rows in pages.read(db, mailbox.id):
        bodies.extend(rows.bodies)
    release(db, bodies, now)
    charge(db, -mailbox.messages, -mailbox.size)
    db.execute("DELETE FROM expunged WHERE mailbox = ?", (mailbox.id,))
    db.execute("DELETE FROM marks WHERE mailbox = ?", (mailbox.id,))
    db.execute("DELETE FROM pages WHERE mailbox = ?", (mailbox.id,))
    db.execute("DELETE FROM mailboxes WHERE id = ?", (mailbox.id,))
    _retire(db, mailbox)


def rename(db: sqlite3.Connection, old: str, new: str, now: float) -> None:
    """With children; of INBOX, moves the messages (RFC 9051, 6.3.6).

    Raises NoSuchMailbox, MailboxExists, CannotChange.
    """
    mailbox = by_name(db, old)
    if old == INBOX:
        create(db, new, now)
        flags = Interning(db)
        place(db, by_name(db, new).id, take(db, mailbox.id, lambda rows: range(len(rows)), flags)[0], flags, now)
        return
    if new == old or new.startswith(old + SEPARATOR):
        raise CannotChange("a mailbox cannot move below itself")
    if exists(db, new):
        raise MailboxExists(f"there is a mailbox {new} already")
    for parent in with_parents(new)[:-1]:
        if not exists(db, parent):
            _insert(db, parent, now, None)
    for moved in [mailbox, *(child for child in all_of(db) if child.name.startswith(old + SEPARATOR))]:
        _rename_one(db, moved, new + moved.name[len(old) :], now)


def _rename_one(db: sqlite3.Connection, mailbox: Mailbox, name: str, now: float) -> None:
    if exists(db, name):
        raise MailboxExists(f"there is a mailbox {name} already")
    _retire(db, mailbox)
    # RFC 9051, 2.3.1.1: a name never goes back to a lower UIDVALIDITY.
    (retired,) = db.execute("SELECT max(uidvalidity) FROM retired WHERE name = ?", (name,)).fetchone()
    validity = mailbox.uidvalidity if (retired or 0) <= mailbox.uidvalidity else _next_uidvalidity(db, now)
    db.execute("UPDATE mailboxes SET name = ?, uidvalidity = ? WHERE id = ?", (name, validity, mailbox.id))


def _insert(db: sqlite3.Connection, name: str, now: float, use: SpecialUse | None) -> None:
    (count,) = db.execute("SELECT count(*) FROM mailboxes").fetchone()
    if count >= MAX_MAILBOXES:
        raise CannotChange("there are too many mailboxes")
    row = (name, _next_uidvalidity(db, now), use.value if use else None)
    db.execute("INSERT INTO mailboxes (name, uidvalidity, special_use) VALUES (?, ?, ?)", row)


def exists(db: sqlite3.Connection, name: str) -> bool:
    """Whether there is a mailbox of that name."""
    return db.execute("SELECT 1 FROM mailboxes WHERE name = ?", (name,)).fetchone() is not None


def _retire(db: sqlite3.Connection, mailbox: Mailbox) -> None:
    db.execute("REPLACE INTO retired VALUES (?, ?)", (mailbox.name, mailbox.uidvalidity))


def _next_uidvalidity(db: sqlite3.Connection, now: float) -> int:
    """Higher than any before in this account, and than those of an account that was erased and made again."""
    sql = "UPDATE account SET next_uidvalidity = max(next_uidvalidity + 1, ?) RETURNING next_uidvalidity"
    return int(db.execute(sql, (int(now),)).fetchone()[0])
