# SPDX-License-Identifier: GPL-3.0-or-later
"""Organisations, the people in them, and their attachments to addresses."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ikserver.model.account import Attachment, Membership, Organisation, Person, Rights, Role
from ikserver.model.ids import AccountId, OrganisationId, PersonId
from ikserver.store.api.errors import CannotChange, Exists, InUse, NotFound
from ikserver.store.embedded import directory_rows as rows
from ikserver.store.embedded.directory_database import DirectoryDatabase, found, joined


class EmbeddedOrganisations:
    def __init__(self, database: DirectoryDatabase) -> None:
        self._database = database

    async def add(self, name: str) -> Organisation:
        def insert(connection: sqlite3.Connection) -> Organisation:
            if connection.execute("SELECT 1 FROM organisations WHERE name = ?", (name,)).fetchone():
                raise Exists(f"there is an organisation {name} already")
            defaults = Organisation(OrganisationId(0), name)
            row = connection.execute(
                "INSERT INTO organisations (name, rights, quota, max_targets) VALUES (?, ?, ?, ?) RETURNING *",
                (name, _rights(defaults.rights), defaults.quota, defaults.max_targets),
            ).fetchone()
            return rows.organisation(row)

        return await self._database.change(insert)

    async def list(self) -> Sequence[Organisation]:
        return [rows.organisation(row) for row in self._database.all("SELECT * FROM organisations ORDER BY id")]

    async def find(self, name: str) -> Organisation:
        row = self._database.one("SELECT * FROM organisations WHERE name = ?", name)
        if row is None:
            raise NotFound(f"there is no organisation {name}")
        return rows.organisation(row)

    async def of_account(self, account: AccountId) -> Organisation:
        row = self._database.one(
            "SELECT organisations.* FROM accounts JOIN domains ON domains.id = accounts.domain"
            " JOIN organisations ON organisations.id = domains.organisation WHERE accounts.id = ?",
            account,
        )
        if row is None:
            raise NotFound("there is no such account")
        return rows.organisation(row)

    async def change(self, organisation: Organisation) -> None:
        new = (
            organisation.name,
            _rights(organisation.rights),
            organisation.quota,
            organisation.max_targets,
            organisation.retention_days,
            organisation.daily_recipients,
            organisation.daily_recipients_each,
            organisation.max_redirections,
            organisation.language,
            organisation.id,
        )

        def update(connection: sqlite3.Connection) -> None:
            try:
                found(
                    connection.execute(
                        "UPDATE organisations SET name = ?, rights = ?, quota = ?, max_targets = ?, retention_days = ?,"
                        " daily_recipients = ?, daily_recipients_each = ?, max_redirections = ?, language = ?"
                        " WHERE id = ?",
                        new,
                    ),
                    "organisation",
                )
            except sqlite3.IntegrityError as error:
                raise Exists(f"there is an organisation {organisation.name} already") from error

        await self._database.change(update)

    async def remove(self, organisation: OrganisationId) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            if connection.execute("SELECT 1 FROM domains WHERE organisation = ?", (organisation,)).fetchone():
                raise InUse("the organisation still has domains: remove these first")
            found(connection.execute("DELETE FROM organisations WHERE id = ?", (organisation,)), "organisation")

        await self._database.change(delete)


class EmbeddedPeople:
    def __init__(self, database: DirectoryDatabase) -> None:
        self._database = database

    async def add(self, login: str, name: str) -> Person:
        def insert(connection: sqlite3.Connection) -> Person:
            if connection.execute("SELECT 1 FROM people WHERE login = ?", (login,)).fetchone():
                raise Exists(f"there is a person {login} already")
            row = connection.execute(
                "INSERT INTO people (login, name) VALUES (?, ?) RETURNING *", (login, name)
            ).fetchone()
            return rows.person(row)

        return await self._database.change(insert)

    async def list(self) -> Sequence[Person]:
        return [rows.person(row) for row in self._database.all("SELECT * FROM people ORDER BY login")]

    async def find(self, login: str) -> Person:
        row = self._database.one("SELECT * FROM people WHERE login = ?", login)
        if row is None:
            raise NotFound(f"there is no person {login}")
        return rows.person(row)

    async def set_password(self, person: PersonId, password: str | None) -> None:
        await self._database.change(
            lambda connection: found(
                connection.execute("UPDATE people SET password = ? WHERE id = ?", (password, person)), "person"
            )
        )

    async def remove(self, person: PersonId) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            represented = connection.execute("SELECT organisation FROM memberships WHERE person = ?", (person,))
            for (organisation,) in represented.fetchall():
                _keep_a_representative(connection, organisation, without=person)
            found(connection.execute("DELETE FROM people WHERE id = ?", (person,)), "person")

        await self._database.change(delete)

    async def memberships(self) -> Sequence[Membership]:
        return [
            Membership(PersonId(row["person"]), OrganisationId(row["organisation"]), Role(row["role"]))
            for row in self._database.all("SELECT * FROM memberships ORDER BY organisation, person")
        ]

    async def grant(self, person: PersonId, organisation: OrganisationId, role: Role) -> None:
        def upsert(connection: sqlite3.Connection) -> None:
            if role is not Role.REPRESENTATIVE:
                _keep_a_representative(connection, organisation, without=person)
            connection.execute(
                "INSERT INTO memberships VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET role = excluded.role",
                (person, organisation, role.value),
            )

        await self._database.change(upsert)

    async def withdraw(self, person: PersonId, organisation: OrganisationId) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            _keep_a_representative(connection, organisation, without=person)
            found(
                connection.execute(
                    "DELETE FROM memberships WHERE person = ? AND organisation = ?", (person, organisation)
                ),
                "role",
            )

        await self._database.change(delete)

    async def attachments(self) -> Sequence[Attachment]:
        return [
            Attachment(PersonId(row["person"]), AccountId(row["account"]), rows.rights(row["rights"]))
            for row in self._database.all("SELECT * FROM attachments ORDER BY account, person")
        ]

    async def attach(self, person: PersonId, account: AccountId, rights: Rights) -> None:
        await self._database.change(
            lambda connection: (
                connection.execute(
                    "INSERT INTO attachments VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET rights = excluded.rights",
                    (person, account, _rights(rights)),
                )
                and None
            )
        )

    async def detach(self, person: PersonId, account: AccountId) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            found(
                connection.execute("DELETE FROM attachments WHERE person = ? AND account = ?", (person, account)),
                "attachment",
            )
            connection.execute("DELETE FROM device_passwords WHERE person = ? AND account = ?", (person, account))

        await self._database.change(delete)


def _keep_a_representative(connection: sqlite3.Connection, organisation: int, *, without: int) -> None:
    """Raises CannotChange if `without` is the only representative of the organisation."""
    query = "SELECT person FROM memberships WHERE organisation = ? AND role = ?"
    representatives = connection.execute(query, (organisation, Role.REPRESENTATIVE.value)).fetchall()
    if [person for (person,) in representatives] == [without]:
        raise CannotChange("this is the last legal representative of the organisation: name another one first")


def _rights(rights: Rights) -> str:
    return joined([right.value for right in rights])
