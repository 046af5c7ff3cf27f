# SPDX-License-Identifier: GPL-3.0-or-later
"""Who elsewhere is asked to be a target of an account, and what they said."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

from ikserver.model.account import Consent, Invitation
from ikserver.model.ids import AccountId
from ikserver.store.embedded import directory_rows as rows
from ikserver.store.embedded.directory_database import DirectoryDatabase

_SELECT = "SELECT invitations.*, accounts.address FROM invitations JOIN accounts ON accounts.id = invitations.account"
_KNOWN = """
    SELECT target FROM redirections WHERE account = ?1 UNION SELECT target FROM invitations WHERE account = ?1
"""


class EmbeddedInvitations:
    """A target that has accepted, or need not be asked, is in `redirections`, as all targets are."""

    def __init__(self, database: DirectoryDatabase) -> None:
        self._database = database

    async def want(self, account: AccountId, targets: Sequence[str], granted: Collection[str]) -> Sequence[str]:
        def replace(connection: sqlite3.Connection) -> Sequence[str]:
            marks = ",".join("?" * len(targets))
            for table in "redirections", "invitations":
                statement = f"DELETE FROM {table} WHERE account = ? AND target NOT IN ({marks})"  # noqa: S608 - marks
                connection.execute(statement, (account, *targets))
            insert = "INSERT OR IGNORE INTO redirections VALUES (?, ?)"
            connection.executemany(insert, [(account, target) for target in granted])
            there = {row["target"] for row in connection.execute(_KNOWN, (account,))}
            return [target for target in dict.fromkeys(targets) if target not in there]

        return await self._database.change(replace)

    async def ask(self, account: AccountId, target: str, digest: bytes, expires: int) -> None:
        await self._database.change(
            lambda connection: (
                connection.execute(
                    "INSERT OR REPLACE INTO invitations VALUES (?, ?, ?, ?, ?)",
                    (account, target, digest, Consent.WAITING.value, expires),
                )
                and None
            )
        )

    async def of_account(self, account: AccountId) -> Sequence[Invitation]:
        return list(map(rows.invitation, self._database.all(f"{_SELECT} WHERE account = ?", account)))

    async def find(self, digest: bytes) -> Invitation | None:
        row = self._database.one(f"{_SELECT} WHERE digest = ?", digest)
        return None if row is None else rows.invitation(row)

    async def answer(self, digest: bytes, consent: Consent, now: int) -> bool:
        def write(connection: sqlite3.Connection) -> bool:
            row = connection.execute(
                "UPDATE invitations SET consent = ? WHERE digest = ? AND consent = ? AND expires > ? RETURNING *",
                (consent.value, digest, Consent.WAITING.value, now),
            ).fetchone()
            if row is not None and consent is Consent.ACCEPTED:
                connection.execute("INSERT OR IGNORE INTO redirections VALUES (?, ?)", (row["account"], row["target"]))
            return row is not None

        return await self._database.change(write)
