# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipients by account and minute, in DATA/server.sqlite."""

from __future__ import annotations

import sqlite3
from concurrent.futures import Executor
from pathlib import Path

from ikserver.model.ids import AccountId, OrganisationId
from ikserver.store.api.sendings import Limits
from ikserver.store.embedded.server_file import open_tables
from ikserver.store.embedded.writer import Writer

MINUTE = 60
STEPS = [
    """
    CREATE TABLE sendings (
        account INTEGER NOT NULL, time INTEGER NOT NULL, organisation INTEGER NOT NULL, recipients INTEGER NOT NULL,
        PRIMARY KEY (account, time)
    ) WITHOUT ROWID;
    CREATE INDEX sendings_organisation ON sendings (organisation, time, recipients);
    """
]
_OF_ACCOUNT = "SELECT ifnull(sum(recipients), 0) FROM sendings WHERE account = ? AND time > ?"
_OF_ORGANISATION = "SELECT ifnull(sum(recipients), 0) FROM sendings WHERE organisation = ? AND time > ?"


def open_sendings(root: Path, threads: Executor) -> EmbeddedSendings:
    """Open or make the table of a data directory. Raises StoreBroken, sqlite3.Error, OSError."""
    return EmbeddedSendings(*open_tables(root, threads, {"sendings": STEPS}))


class EmbeddedSendings:
    """`store.api.sendings.Sendings` on SQLite."""

    def __init__(self, writer: Writer, reader: sqlite3.Connection) -> None:
        self._writer = writer
        self._reader = reader

    async def of_account(self, account: AccountId, since: int) -> int:
        return _count(self._reader, _OF_ACCOUNT, account, since)

    async def of_organisation(self, organisation: OrganisationId, since: int) -> int:
        return _count(self._reader, _OF_ORGANISATION, organisation, since)

    async def take(
        self, account: AccountId, organisation: OrganisationId, recipients: int, now: int, limits: Limits
    ) -> bool:
        def write(connection: sqlite3.Connection) -> bool:
            since = now - limits.seconds
            connection.execute("DELETE FROM sendings WHERE account = ? AND time <= ?", (account, since))
            for limit, query, owner in (
                (limits.account, _OF_ACCOUNT, account),
                (limits.organisation, _OF_ORGANISATION, organisation),
            ):
                if limit and _count(connection, query, owner, since) + recipients > limit:
                    return False
            connection.execute(
                "INSERT INTO sendings VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET recipients = recipients + excluded.recipients",
                (account, now - now % MINUTE, organisation, recipients),
            )
            return True

        return await self._writer.run(write)

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()


def _count(connection: sqlite3.Connection, query: str, owner: int, since: int) -> int:
    return int(connection.execute(query, (owner, since)).fetchone()[0])
