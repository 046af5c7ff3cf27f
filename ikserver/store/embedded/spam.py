# SPDX-License-Identifier: GPL-3.0-or-later
"""The spam filter's tables in DATA/server.sqlite, shared by every worker and by the command line."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

from ikserver.model.ids import AccountId, BodyId, OrganisationId
from ikserver.model.spam import Household, Lesson, Listed, Profile, Receipt, Side
from ikserver.store.embedded.database import connect
from ikserver.store.embedded.server_file import FILE_NAME, open_tables
from ikserver.store.embedded.spam_learning import learn, owner_of
from ikserver.store.embedded.spam_receipts import decode, encode
from ikserver.store.embedded.spam_schema import COMPONENT, STEPS
from ikserver.store.embedded.spam_words import LearnedWords
from ikserver.store.embedded.writer import Writer

_OWNERS = "SELECT id FROM spam_owners WHERE account = ? OR organisation = ?"
_HOUSEHOLD = """
    SELECT account IS NOT NULL, id, filter_on, version, spam, ham, mark FROM spam_owners
    WHERE account = ? OR organisation = ?
"""
_LISTS = f"SELECT side, pattern FROM spam_lists WHERE owner = ({_OWNERS}) ORDER BY side, pattern"  # noqa: S608


def open_spam(root: Path, threads: Executor) -> EmbeddedSpam:
    """Open or make the tables of a data directory with a directory. Raises StoreBroken, sqlite3.Error."""
    writer, reader = open_tables(root, threads, {COMPONENT: STEPS})
    words = LearnedWords(reader, connect(root / FILE_NAME, read_only=True), threads)
    return EmbeddedSpam(writer, reader, words)


class _Owner(NamedTuple):
    """An address or an organisation, or what is true of one that nothing was set for."""

    id: int = 0
    on: int = 1
    version: int = 0
    spam: int = 0
    ham: int = 0
    mark: int = 0


class EmbeddedSpam:
    """`store.api.spam.SpamStore`."""

    def __init__(self, writer: Writer, reader: sqlite3.Connection, words: LearnedWords) -> None:
        self._writer = writer
        self._reader = reader
        self._words = words

    async def profile(self, household: Household) -> Profile:
        own, shared = self._owners(household)
        versions = own.version, shared.version
        return Profile(bool(own.on), versions, own.spam + shared.spam, own.ham + shared.ham, own.spam, own.ham)

    def _owners(self, household: Household) -> tuple[_Owner, _Owner]:
        """The address and the organisation."""
        rows = self._reader.execute(_HOUSEHOLD, household)
        found = {bool(is_account): _Owner(*row) for is_account, *row in rows}
        return found.get(True, _Owner()), found.get(False, _Owner())

    async def set_on(self, account: AccountId, on: bool) -> None:
        def job(db: sqlite3.Connection) -> None:
            db.execute("UPDATE spam_owners SET filter_on = ? WHERE id = ?", (on, owner_of(db, account=account)))

        await self._writer.run(job)

    async def mentions(self, organisation: OrganisationId) -> bool:
        query = "SELECT mentions FROM spam_owners WHERE organisation = ?"
        row = self._reader.execute(query, (organisation,)).fetchone()
        return row is not None and bool(row[0])

    async def set_mentions(self, organisation: OrganisationId, on: bool) -> None:
        def job(db: sqlite3.Connection) -> None:
            owner = owner_of(db, organisation=organisation)
            db.execute("UPDATE spam_owners SET mentions = ? WHERE id = ?", (on, owner))

        await self._writer.run(job)

    async def lists(
        self, *, account: AccountId | None = None, organisation: OrganisationId | None = None
    ) -> Sequence[Listed]:
        rows = self._reader.execute(_LISTS, (account, organisation))
        return [Listed(Side(side), pattern) for side, pattern in rows]

    async def change_lists(
        self,
        add: Sequence[Listed],
        remove: Sequence[Listed],
        *,
        account: AccountId | None = None,
        organisation: OrganisationId | None = None,
    ) -> tuple[Sequence[Listed], Sequence[Listed]]:
        def job(db: sqlite3.Connection) -> tuple[Sequence[Listed], Sequence[Listed]]:
            owner = owner_of(db, account=account, organisation=organisation)
            removing = "DELETE FROM spam_lists WHERE owner = ? AND side = ? AND pattern = ?"
            removed = [one for one in remove if db.execute(removing, _row(owner, one)).rowcount]
            adding = "INSERT OR IGNORE INTO spam_lists VALUES (?, ?, ?)"
            added = [one for one in add if db.execute(adding, _row(owner, one)).rowcount]
            db.execute("UPDATE spam_owners SET version = version + 1 WHERE id = ?", (owner,))
            return added, removed

        return await self._writer.run(job)

    async def counts(self, household: Household, tokens: Sequence[int]) -> Sequence[int]:
        own, shared = (self._words.counts(owner.id, owner.mark, tokens) for owner in self._owners(household))
        return [own.get(token, 0) + shared.get(token, 0) for token in tokens]

    async def learn(self, household: Household, lessons: Sequence[Lesson]) -> Sequence[bool | None]:
        return await self._writer.run(lambda db: learn(db, household, lessons), long=True)

    async def learned(self, account: AccountId, bodies: Sequence[BodyId]) -> Mapping[BodyId, bool]:
        query = "SELECT body, spam FROM spam_learned WHERE account = ? AND body IN (SELECT value FROM json_each(?))"
        rows = self._reader.execute(query, (account, json.dumps(bodies)))
        return {BodyId(body): bool(spam) for body, spam in rows}

    async def keep_receipt(self, receipt: Receipt, now: int) -> Receipt:
        def job(db: sqlite3.Connection) -> int:
            row = (receipt.account, now, encode(receipt))
            return db.execute("INSERT INTO spam_receipts VALUES (NULL, ?, ?, ?)", row).lastrowid or 0

        return decode(receipt.account, await self._writer.run(job), encode(receipt))

    async def take_receipt(self, account: AccountId, number: int) -> Receipt | None:
        def job(db: sqlite3.Connection) -> str | None:
            taking = "DELETE FROM spam_receipts WHERE id = ? AND account = ? RETURNING receipt"
            row = db.execute(taking, (number, account)).fetchone()
            return None if row is None else str(row[0])

        text = await self._writer.run(job)
        return None if text is None else decode(account, number, text)

    async def forget(self, before: int) -> None:
        await self._writer.run(lambda db: db.execute("DELETE FROM spam_receipts WHERE time < ?", (before,)) and None)

    async def close(self) -> None:
        await self._words.close()
        await self._writer.close()
        self._reader.close()


def _row(owner: int, listed: Listed) -> tuple[int, str, str]:
    return owner, listed.side.value, listed.pattern
