# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail of one account: each verb is a job of the database and the hint that tells of it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from functools import partial
from weakref import WeakValueDictionary

from ikserver.changes import Changes
from ikserver.model.activity import Event
from ikserver.model.changes import Changed, MailboxesChanged
from ikserver.model.ids import AccountId, BodyId, MailboxId, ModSeq, Uid
from ikserver.model.mail import (
    Appended,
    Copied,
    Delta,
    Expunged,
    Fact,
    FlagChange,
    FlagsStored,
    Mailbox,
    NewMessage,
    SpecialUse,
    StoredBody,
    Usage,
)
from ikserver.model.scripts import Decided
from ikserver.model.search import Query
from ikserver.store.api.errors import NoSuchMailbox
from ikserver.store.api.mail import Opened, Render
from ikserver.store.embedded.mail import copying, mailboxes, outbox, quota, reading
from ikserver.store.embedded.mail.appending import append
from ikserver.store.embedded.mail.bodies import BlobFiles
from ikserver.store.embedded.mail.checking import faults
from ikserver.store.embedded.mail.columns import frozen
from ikserver.store.embedded.mail.connections import AccountDatabase
from ikserver.store.embedded.mail.decisions import Arrivals, EmbeddedDecisions
from ikserver.store.embedded.mail.delta import delta
from ikserver.store.embedded.mail.factcache import FactCache
from ikserver.store.embedded.mail.facts import Facts
from ikserver.store.embedded.mail.flagging import store_flags
from ikserver.store.embedded.mail.housekeeping import Housekeeping
from ikserver.store.embedded.mail.keeping import keeping
from ikserver.store.embedded.mail.live import LiveMailbox, OpenMailbox
from ikserver.store.embedded.mail.names import canonical
from ikserver.store.embedded.mail.recent import RecentMailboxes
from ikserver.store.embedded.mail.scripts import EmbeddedScripts
from ikserver.store.embedded.mail.search import COLUMNS_ONLY, Search, cost
from ikserver.store.embedded.mail.wholetext import whole_text_has

MANY_MESSAGES, MANY_ROWS = 8, 256
"""Above these a job is long: it would keep the event loop for more than a millisecond or two."""
EVENTS_AT_ONCE = 200
FEW_ROWS = 5_000
"""A search of no more rows that asks no texts is done at once."""


class EmbeddedMail:
    """Implements `Mail`."""

    def __init__(
        self,
        account: AccountId,
        database: AccountDatabase,
        files: BlobFiles,
        changes: Changes,
        recent: RecentMailboxes,
        cache: FactCache,
        eventful: set[AccountId],
    ) -> None:
        self.account = account
        self.scripts = EmbeddedScripts(database)
        self._database = database
        self._files = files
        self._changes = changes
        self._recent = recent
        self._eventful = eventful
        self._facts = Facts(account, database, cache)
        self._housekeeping = Housekeeping(database, files)
        self._live: WeakValueDictionary[MailboxId, LiveMailbox] = WeakValueDictionary()

    # Mailboxes

    async def mailboxes(self) -> Sequence[Mailbox]:
        return mailboxes.all_of(self._database.reader.db)

    async def subscriptions(self) -> Sequence[str]:
        return mailboxes.subscriptions(self._database.reader.db)

    async def mailbox(self, name: str) -> Mailbox:
        return mailboxes.by_name(self._database.reader.db, canonical(name))

    async def create(self, name: str, special_use: SpecialUse | None = None, *, subscribe: bool = False) -> Mailbox:
        name, now = canonical(name), self._database.clock()

        def job(db: sqlite3.Connection) -> Mailbox:
            mailboxes.create(db, name, now, special_use)
            if subscribe:
                mailboxes.subscribe(db, name, True)
            return mailboxes.by_name(db, name)

        return await self._database.write(job, self._folders_changed)

    async def delete(self, name: str) -> None:
        name, now = canonical(name), self._database.clock()
        await self._database.write(lambda db: mailboxes.delete(db, name, now), self._folders_changed, long=True)

    async def rename(self, old: str, new: str) -> None:
        old, new, now = canonical(old), canonical(new), self._database.clock()
        await self._database.write(lambda db: mailboxes.rename(db, old, new, now), self._folders_changed, long=True)

    async def subscribe(self, name: str, subscribed: bool) -> None:
        name = canonical(name)
        await self._database.write(lambda db: mailboxes.subscribe(db, name, subscribed), self._folders_changed)

    async def set_special_use(self, name: str, use: SpecialUse) -> None:
        name = canonical(name)
        await self._database.write(lambda db: mailboxes.set_special_use(db, name, use), self._folders_changed)

    def look(self) -> None:
        """Publish to this process what other processes committed and no hint has told of."""
        for live in list(self._live.values()):
            known = live.stamp
            try:
                if live.refresh(self._database.reader) != known:
                    self._changes.hear(Changed(self.account, live.mailbox.id, live.mailbox.highest_modseq))
            except NoSuchMailbox:
                self._live.pop(live.mailbox.id, None)
                self._changes.hear(MailboxesChanged(self.account))

    # Messages

    async def open(self, name: str) -> Opened:
        number = (await self.mailbox(name)).id
        live = self._live.get(number)
        if live is None:
            live = await self._database.read_aside(lambda db: LiveMailbox(db, number))
            live = self._live.setdefault(number, live)
        self._recent.touch(self.account, live)
        return OpenMailbox(live, self._database)

    async def changes(self, mailbox: MailboxId, since: ModSeq) -> Delta:
        return await self._database.read_aside(lambda db: delta(db, mailbox, since))

    async def append(self, mailbox: MailboxId, messages: Sequence[NewMessage]) -> Appended:
        now = self._database.clock()
        async with keeping(self._database, self._files, messages) as kept:
            return await self._database.write(
                lambda db: append(db, mailbox, kept, now),
                lambda done: self._arrived(mailbox, done, messages),
                long=len(messages) > MANY_MESSAGES,
            )

    async def deliver(self, name: str, message: NewMessage) -> Appended:
        name, now = canonical(name), self._database.clock()

        def job(db: sqlite3.Connection) -> tuple[MailboxId, Appended]:
            mailbox = mailboxes.by_name_or_inbox(db, name)
            return mailbox, append(db, mailbox, kept, now)

        async with keeping(self._database, self._files, [message]) as kept:
            delivered = await self._database.write(job, lambda done: self._arrived(*done, [message]))
        return delivered[1]

    async def store_flags(
        self, mailbox: MailboxId, uids: Sequence[Uid], change: FlagChange, unchanged_since: ModSeq | None = None
    ) -> FlagsStored:
        return await self._database.write(
            lambda db: store_flags(db, mailbox, uids, change, unchanged_since),
            lambda stored: self._changed(mailbox, stored.modseq, stored.changed),
            long=len(uids) > MANY_ROWS,
        )

    async def copy(self, mailbox: MailboxId, uids: Sequence[Uid], target: MailboxId) -> Copied:
        now = self._database.clock()
        copied, _ = await self._database.write(
            lambda db: copying.copy(db, mailbox, uids, target, now),
            lambda done: self._changed(target, done[1], done[0].target),
            long=len(uids) > MANY_ROWS,
        )
        return copied

    async def move(self, mailbox: MailboxId, uids: Sequence[Uid], target: MailboxId) -> tuple[Copied, Expunged]:
        now = self._database.clock()

        def tell(done: tuple[Copied, ModSeq, Expunged]) -> None:
            self._changed(mailbox, done[2].modseq, done[2].uids)
            self._changed(target, done[1], done[0].target)

        copied, _, expunged = await self._database.write(
            lambda db: copying.move(db, mailbox, uids, target, now), tell, long=len(uids) > MANY_ROWS
        )
        return copied, expunged

    async def expunge(self, mailbox: MailboxId, uids: Sequence[Uid] | None) -> Expunged:
        now = self._database.clock()
        return await self._database.write(
            lambda db: copying.expunge(db, mailbox, uids, now),
            lambda done: self._changed(mailbox, done.modseq, done.uids),
            long=uids is None or len(uids) > MANY_ROWS,
        )

    async def erase_older(self, mailbox: MailboxId, before: float) -> Expunged:
        now = self._database.clock()
        if not await self._database.read_aside(lambda db: copying.has_older(db, mailbox, before)):
            return Expunged((), mailboxes.by_id(self._database.reader.db, mailbox).highest_modseq)
        return await self._database.write(
            lambda db: copying.erase_older(db, mailbox, before, now),
            lambda done: self._changed(mailbox, done.modseq, done.uids),
            long=True,
        )

    # Reading

    def facts(
        self, fact: Fact, bodies: Sequence[BodyId], render: Render | None = None
    ) -> AsyncIterator[Sequence[bytes | None]]:
        return self._facts.read(fact, bodies, render)

    async def body(self, body: BodyId) -> StoredBody | None:
        return reading.stored(self._database, body)

    async def read(self, body: BodyId, start: int = 0, length: int | None = None) -> bytes:
        return await reading.read(self._database, self._files, body, start, length)

    async def small_bodies(self, bodies: Sequence[BodyId]) -> Sequence[bytes | None]:
        return await reading.small_bodies(self._database, bodies)

    async def search(self, opened: Opened, query: Query) -> Sequence[int]:
        columns = frozen(opened.columns)

        def job(db: sqlite3.Connection) -> Sequence[int]:
            searching = Search(db, columns, opened.flags, partial(whole_text_has, db, self._files))
            return searching.matching(query, range(len(columns)))

        if cost(query) <= COLUMNS_ONLY and len(columns) <= FEW_ROWS:
            return job(self._database.reader.db)
        return await self._database.read_aside(job)

    @property
    def decisions(self) -> EmbeddedDecisions:
        return EmbeddedDecisions(self._database, self._files, self._carried_out)

    # Activity

    async def waiting_events(self) -> tuple[Sequence[Event], int]:
        return outbox.waiting(self._database.reader.db, EVENTS_AT_ONCE)

    async def forget_events(self, last: int) -> None:
        await self._database.write(lambda db: outbox.forget(db, last))

    # Quota

    async def usage(self) -> Usage:
        return quota.usage(self._database.reader.db)

    async def set_quota(self, bytes_limit: int | None, messages_limit: int | None) -> None:
        await self._database.write(lambda db: quota.set_quota(db, bytes_limit, messages_limit))

    async def sweep(self) -> None:
        """Remove what was let go some time ago; for every few minutes."""
        if await self._housekeeping.sweep():
            self._facts.forget()

    async def check(self) -> Sequence[str]:
        """A sentence for each fault of what is kept; empty when all is well."""
        now = self._database.clock()
        try:
            return await self._database.read_aside(lambda db: faults(db, self._files, now))
        except sqlite3.DatabaseError as error:
            return [f"the database is damaged: {error}"]

    async def close(self) -> None:
        """Finish what is being written; nothing works afterwards."""
        await self._housekeeping.finish()
        await self._database.close()

    def _arrived(self, mailbox: MailboxId, appended: Appended, messages: Sequence[NewMessage]) -> None:
        if any(message.events for message in messages):
            self._eventful.add(self.account)
        self._housekeeping.arrived(len(appended.uids), self)
        self._changed(mailbox, appended.modseq, appended.uids)

    def _carried_out(self, decided: Decided, arrivals: Arrivals, new_mailboxes: bool) -> None:
        if decided.events:
            self._eventful.add(self.account)
        if new_mailboxes:
            self._folders_changed(None)
        for (mailbox, appended), placed in zip(arrivals, decided.placed, strict=True):
            self._arrived(mailbox, appended, [placed.message])

    def _changed(self, mailbox: MailboxId, modseq: ModSeq, uids: Sequence[Uid]) -> None:
        if uids:
            self._changes.publish(Changed(self.account, mailbox, modseq))

    def _folders_changed(self, _: object) -> None:
        self._changes.publish(MailboxesChanged(self.account))
