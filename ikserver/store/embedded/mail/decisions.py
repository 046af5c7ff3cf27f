# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts decide when mail comes: all of it in one transaction of the account."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from ikserver.model.ids import MailboxId
from ikserver.model.mail import Appended, NewMessage
from ikserver.model.scripts import Decided, Mark, Post, WaitingPost
from ikserver.store.api.errors import StoreError
from ikserver.store.embedded.mail import mailboxes, outbox, posts
from ikserver.store.embedded.mail.appending import append
from ikserver.store.embedded.mail.bodies import BlobFiles
from ikserver.store.embedded.mail.connections import AccountDatabase
from ikserver.store.embedded.mail.keeping import keeping
from ikserver.store.embedded.mail.kept import Kept
from ikserver.store.embedded.mail.names import canonical

POSTS_AT_ONCE = 20
Arrivals = Sequence[tuple[MailboxId, Appended]]


class _Remembered(StoreError):
    """A mark that should be new is there: nothing is kept of the bodies either."""


class EmbeddedDecisions:
    """Implements `Decisions`. `done` is told of what came to which mailboxes, and whether there are new ones."""

    def __init__(
        self, database: AccountDatabase, files: BlobFiles, done: Callable[[Decided, Arrivals, bool], None]
    ) -> None:
        self._database = database
        self._files = files
        self._done = done

    async def remembered(self, key: bytes) -> int | None:
        return _until(self._database.reader.db, key, int(self._database.clock()))

    async def carry_out(self, decided: Decided) -> bool:
        now, messages = self._database.clock(), [placed.message for placed in decided.placed]

        def job(db: sqlite3.Connection) -> tuple[Arrivals, bool]:
            return _carry_out(db, decided, kept, leaving, now)

        try:
            async with (
                keeping(self._database, self._files, decided.posts) as leaving,
                keeping(self._database, self._files, messages) as kept,
            ):
                await self._database.write(job, lambda done: self._done(decided, *done))
        except _Remembered:
            return False
        return True

    async def waiting_posts(self) -> Sequence[WaitingPost]:
        return posts.waiting(self._database.reader.db, self._files, POSTS_AT_ONCE)

    async def forget_post(self, post: WaitingPost) -> None:
        gone = await self._database.write(lambda db: posts.forget(db, post.number))
        if gone:
            await self._database.in_thread(lambda: self._files.discard(gone))


def _carry_out(
    db: sqlite3.Connection,
    decided: Decided,
    kept: Sequence[Kept[NewMessage]],
    leaving: Sequence[Kept[Post]],
    now: float,
) -> tuple[Arrivals, bool]:
    if any(mark.new and _until(db, mark.key, int(now)) for mark in decided.marks):
        raise _Remembered
    _remember(db, decided.marks, int(now))
    made = [_make(db, canonical(placed.mailbox), now) for placed in decided.placed if placed.create]
    arrivals = []
    for placed, message in zip(decided.placed, kept, strict=True):
        mailbox = mailboxes.by_name_or_inbox(db, canonical(placed.mailbox))
        arrivals.append((mailbox, append(db, mailbox, [message], now)))
    posts.put(db, leaving)
    outbox.put(db, decided.events)
    return arrivals, any(made)


def _make(db: sqlite3.Connection, name: str, now: float) -> bool:
    """Whether there was none (RFC 5490, 3.2). Whoever asks for it wants to see it: it is subscribed."""
    if mailboxes.exists(db, name):
        return False
    mailboxes.create(db, name, now)
    mailboxes.subscribe(db, name, True)
    return True


def _until(db: sqlite3.Connection, key: bytes, now: int) -> int | None:
    row = db.execute("SELECT until FROM remembered WHERE key = ? AND until > ?", (key, now)).fetchone()
    return None if row is None else int(row[0])


def _remember(db: sqlite3.Connection, marks: Sequence[Mark], now: int) -> None:
    if marks:
        db.execute("DELETE FROM remembered WHERE until <= ?", (now,))
        db.executemany("REPLACE INTO remembered VALUES (?, ?)", [(mark.key, mark.until) for mark in marks])
