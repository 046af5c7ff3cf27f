# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains and the accounts in them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from ikserver.model.account import Account, Credentials, Domain, ScramSalt, State
from ikserver.model.ids import AccountId, DomainId, OrganisationId
from ikserver.store.api.errors import Exists, InUse, NotFound
from ikserver.store.embedded import directory_rows as rows
from ikserver.store.embedded.directory_database import DirectoryDatabase, Row, found
from protocols.sasl import Keys
from protocols.smtp.mtasts import Mode


class EmbeddedDomains:
    def __init__(self, database: DirectoryDatabase) -> None:
        self._database = database

    async def add(self, name: str, organisation: OrganisationId) -> Domain:
        def insert(connection: sqlite3.Connection) -> Domain:
            if connection.execute("SELECT 1 FROM domains WHERE name = ?", (name,)).fetchone():
                raise Exists(f"there is a domain {name} already")
            row = connection.execute(
                "INSERT INTO domains (name, organisation) VALUES (?, ?) RETURNING *", (name, organisation)
            ).fetchone()
            return rows.domain(row)

        return await self._database.change(insert)

    async def list(self) -> Sequence[Domain]:
        return [rows.domain(row) for row in self._database.all("SELECT * FROM domains ORDER BY id")]

    async def find(self, name: str) -> Domain:
        domain = await self.lookup(name)
        if domain is None:
            raise NotFound(f"there is no domain {name}")
        return domain

    async def lookup(self, name: str) -> Domain | None:
        row = self._database.one("SELECT * FROM domains WHERE name = ?", name)
        return None if row is None else rows.domain(row)

    async def set_catchall(self, domain: DomainId, on: bool) -> None:
        await self._update("UPDATE domains SET catchall = ? WHERE id = ?", on, domain)

    async def set_mta_sts(self, domain: DomainId, mode: Mode) -> None:
        await self._update("UPDATE domains SET mta_sts = ? WHERE id = ?", mode.value, domain)

    async def _update(self, statement: str, *parameters: object) -> None:
        await self._database.change(lambda connection: found(connection.execute(statement, parameters), "domain"))

    async def remove(self, domain: DomainId) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            if connection.execute("SELECT 1 FROM addresses WHERE domain = ?", (domain,)).fetchone():
                raise InUse("the domain still has addresses: remove these first")
            found(connection.execute("DELETE FROM domains WHERE id = ?", (domain,)), "domain")

        await self._database.change(delete)


class EmbeddedAccounts:
    def __init__(self, database: DirectoryDatabase) -> None:
        self._database = database

    async def add(
        self,
        address: str,
        name: str,
        scram: ScramSalt,
        password: str | None = None,
        keys: Keys | None = None,
        *,
        mailbox: bool = True,
    ) -> Account:
        values = (State.ACTIVE.value, scram.salt, scram.iterations, password, *_columns(keys))

        def insert(connection: sqlite3.Connection) -> Account:
            domain = take_address(connection, address)
            row = connection.execute(
                "INSERT INTO accounts"
                " (address, domain, name, mailbox, keep, state, salt, iterations, password, stored_key, server_key)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
                (address, domain, name, mailbox, mailbox, *values),
            ).fetchone()
            connection.execute("INSERT INTO addresses VALUES (?, ?, ?, NULL)", (address, domain, row["id"]))
            return rows.account(row, ())

        return await self._database.change(insert)

    async def list(self) -> Sequence[Account]:
        targets: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
        for row in self._database.all("SELECT * FROM redirections"):
            targets[row["account"]] += (row["target"],)
        accounts = self._database.all("SELECT * FROM accounts ORDER BY id")
        return [rows.account(row, targets[row["id"]]) for row in accounts]

    async def find(self, address: str) -> Account:
        row = self._database.one("SELECT * FROM accounts WHERE address = ?", address)
        if row is None:
            raise NotFound(f"there is no account {address}")
        return account_of(self._database, row)

    async def credentials(self, address: str) -> Credentials | None:
        row = self._database.one(
            "SELECT accounts.* FROM addresses JOIN accounts ON accounts.id = addresses.account"
            " WHERE addresses.address = ?",
            address,
        )
        if row is None:
            return None
        devices = self._database.all("SELECT * FROM device_passwords WHERE account = ?", row["id"])
        return Credentials(
            account_of(self._database, row),
            row["password"],
            rows.keys(row),
            ScramSalt(row["salt"], row["iterations"]),
            tuple(map(rows.device, devices)),
            row["epoch"],
        )

    async def set_password(
        self,
        account: AccountId,
        password: str,
        keys: Keys | None,
        *,
        scram: ScramSalt | None = None,
        instead_of: str | None = None,
    ) -> None:
        salt, iterations = (scram.salt, scram.iterations) if scram else (None, None)

        def update(connection: sqlite3.Connection) -> None:
            updated = connection.execute(
                "UPDATE accounts SET password = ?1, stored_key = ?2, server_key = ?3,"
                " salt = ifnull(?4, salt), iterations = ifnull(?5, iterations), epoch = epoch + (?7 IS NULL)"
                " WHERE id = ?6 AND (?7 IS NULL OR password = ?7)",
                (password, *_columns(keys), salt, iterations, account, instead_of),
            )
            if instead_of is None:
                found(updated, "account")

        await self._database.change(update)

    async def set_name(self, account: AccountId, name: str) -> None:
        await self._update("UPDATE accounts SET name = ? WHERE id = ?", name, account)

    async def set_state(self, account: AccountId, state: State) -> None:
        statement = "UPDATE accounts SET state = ?, epoch = epoch + ? WHERE id = ?"
        await self._update(statement, state.value, state is not State.ACTIVE, account)

    async def _update(self, statement: str, *parameters: object) -> None:
        await self._database.change(lambda connection: found(connection.execute(statement, parameters), "account"))

    async def redirect(self, account: AccountId, targets: Sequence[str], keep: bool) -> None:
        def replace(connection: sqlite3.Connection) -> None:
            found(connection.execute("UPDATE accounts SET keep = ? WHERE id = ?", (keep, account)), "account")
            connection.execute("DELETE FROM redirections WHERE account = ?", (account,))
            connection.executemany(
                "INSERT INTO redirections VALUES (?, ?)", [(account, target) for target in dict.fromkeys(targets)]
            )

        await self._database.change(replace)

    async def daily_recipients(self, account: AccountId) -> int | None:
        row = self._database.one("SELECT daily_recipients FROM accounts WHERE id = ?", account)
        return None if row is None else row["daily_recipients"]

    async def set_daily_recipients(self, account: AccountId, recipients: int | None) -> None:
        await self._update("UPDATE accounts SET daily_recipients = ? WHERE id = ?", recipients, account)

    async def remove(self, account: AccountId) -> None:
        await self._database.change(
            lambda connection: found(connection.execute("DELETE FROM accounts WHERE id = ?", (account,)), "account")
        )


def _columns(keys: Keys | None) -> tuple[bytes | None, bytes | None]:
    return (keys.stored, keys.server) if keys else (None, None)


def account_of(database: DirectoryDatabase, row: Row) -> Account:
    """A row of `accounts` with the targets of its redirection."""
    targets = database.all("SELECT target FROM redirections WHERE account = ?", row["id"])
    return rows.account(row, tuple(target for (target,) in targets))


def take_address(connection: sqlite3.Connection, address: str) -> int:
    """The domain of an address that is free. Raises Exists, and NotFound when the domain is not ours."""
    name = address.rpartition("@")[2]
    domain = connection.execute("SELECT id FROM domains WHERE name = ?", (name,)).fetchone()
    if domain is None:
        raise NotFound(f"there is no domain {name}: add it first")
    if connection.execute("SELECT 1 FROM addresses WHERE address = ?", (address,)).fetchone():
        raise Exists(f"{address} is taken")
    return int(domain["id"])
