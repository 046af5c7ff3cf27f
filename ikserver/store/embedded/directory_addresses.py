# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands behind an address: accounts, aliases, groups, and the caretaker of a domain."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ikserver.model.account import Account, Alias, Group
from ikserver.model.ids import AccountId, DomainId
from ikserver.store.api.errors import NotFound
from ikserver.store.embedded.directory_accounts import account_of, take_address
from ikserver.store.embedded.directory_database import DirectoryDatabase, Row, found

_CARETAKER = """
    WITH here AS (SELECT id, organisation FROM domains WHERE ?1 IS NULL OR name = ?1 ORDER BY id LIMIT 1)
    SELECT accounts.* FROM here, accounts JOIN domains ON domains.id = accounts.domain
    WHERE accounts.state = 'active' AND accounts.mailbox
    ORDER BY
        EXISTS (
            SELECT 1 FROM attachments JOIN memberships USING (person)
            WHERE attachments.account = accounts.id AND memberships.organisation = here.organisation
                AND memberships.role IN ('representative', 'administrator')
        ) DESC,
        accounts.domain = here.id DESC,
        domains.organisation = here.organisation DESC,
        domains.organisation,
        accounts.id
    LIMIT 1
"""


class EmbeddedAddresses:
    def __init__(self, database: DirectoryDatabase) -> None:
        self._database = database

    async def resolve(self, address: str) -> Account | Group | None:
        row = self._database.one("SELECT account, mail_group FROM addresses WHERE address = ?", address)
        if row is None:
            return None
        if row["mail_group"] is not None:
            return self._group(self._one("SELECT * FROM mail_groups WHERE id = ?", row["mail_group"]))
        return account_of(self._database, self._one("SELECT * FROM accounts WHERE id = ?", row["account"]))

    async def caretaker(self, domain: str | None) -> Account | None:
        row = self._database.one(_CARETAKER, domain)
        return None if row is None else account_of(self._database, row)

    async def add_alias(self, address: str, account: AccountId) -> None:
        def insert(connection: sqlite3.Connection) -> None:
            domain = take_address(connection, address)
            connection.execute("INSERT INTO addresses VALUES (?, ?, ?, NULL)", (address, domain, account))

        await self._database.change(insert)

    async def aliases(self) -> Sequence[Alias]:
        query = (
            "SELECT addresses.address, accounts.id FROM addresses JOIN accounts ON accounts.id = addresses.account"
            " WHERE addresses.address <> accounts.address ORDER BY addresses.address"
        )
        return [Alias(address, AccountId(account)) for address, account in self._database.all(query)]

    async def remove_alias(self, address: str) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            found(
                connection.execute(
                    "DELETE FROM addresses WHERE address = ?1 AND account IS NOT NULL"
                    " AND NOT EXISTS (SELECT 1 FROM accounts WHERE address = ?1)",
                    (address,),
                ),
                f"alias {address}",
            )

        await self._database.change(delete)

    async def add_group(self, address: str, members: Sequence[str]) -> None:
        def insert(connection: sqlite3.Connection) -> None:
            domain = take_address(connection, address)
            (group,) = connection.execute(
                "INSERT INTO mail_groups (address, domain) VALUES (?, ?) RETURNING id", (address, domain)
            ).fetchone()
            connection.execute("INSERT INTO addresses VALUES (?, ?, NULL, ?)", (address, domain, group))
            _fill(connection, group, members)

        await self._database.change(insert)

    async def groups(self) -> Sequence[Group]:
        return [self._group(row) for row in self._database.all("SELECT * FROM mail_groups ORDER BY address")]

    async def set_members(self, address: str, members: Sequence[str]) -> None:
        def replace(connection: sqlite3.Connection) -> None:
            row = connection.execute("SELECT id FROM mail_groups WHERE address = ?", (address,)).fetchone()
            if row is None:
                raise NotFound(f"there is no group {address}")
            connection.execute("DELETE FROM group_members WHERE mail_group = ?", (row["id"],))
            _fill(connection, row["id"], members)

        await self._database.change(replace)

    async def remove_group(self, address: str) -> None:
        await self._database.change(
            lambda connection: found(
                connection.execute("DELETE FROM mail_groups WHERE address = ?", (address,)), f"group {address}"
            )
        )

    def _one(self, query: str, number: int) -> Row:
        """A row that a row just read points to; both are read in one go, so it can only be gone after a commit."""
        row = self._database.one(query, number)
        if row is None:
            raise NotFound("the address was removed")
        return row

    def _group(self, row: Row) -> Group:
        members = self._database.all("SELECT address FROM group_members WHERE mail_group = ?", row["id"])
        return Group(row["address"], DomainId(row["domain"]), tuple(address for (address,) in members))


def _fill(connection: sqlite3.Connection, group: int, members: Sequence[str]) -> None:
    connection.executemany(
        "INSERT INTO group_members VALUES (?, ?)", [(group, member) for member in dict.fromkeys(members)]
    )
