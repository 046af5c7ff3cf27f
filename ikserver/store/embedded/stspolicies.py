# SPDX-License-Identifier: GPL-3.0-or-later
"""`store.api.stspolicies.StsPolicies` in DATA/server.sqlite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import astuple
from pathlib import Path

from ikserver.store.api.stspolicies import KeptPolicy
from ikserver.store.embedded.server_file import open_tables
from ikserver.store.embedded.writer import Writer

_SCHEMA = [
    """
    CREATE TABLE sts_policies (
        domain TEXT PRIMARY KEY, id TEXT NOT NULL, text BLOB NOT NULL,
        fetched INTEGER NOT NULL, until INTEGER NOT NULL, used INTEGER NOT NULL
    ) WITHOUT ROWID;
    """
]
_SELECT = "SELECT domain, id, text, fetched, until, used FROM sts_policies"


def open_sts_policies(root: Path, threads: Executor) -> EmbeddedStsPolicies:
    """Open or make the table of a data directory. Raises StoreBroken, sqlite3.Error, OSError."""
    return EmbeddedStsPolicies(*open_tables(root, threads, {"sts_policies": _SCHEMA}))


class EmbeddedStsPolicies:
    """A connection costs a look-up by key; what is written is written once a day and domain."""

    def __init__(self, writer: Writer, reader: sqlite3.Connection) -> None:
        self._writer = writer
        self._reader = reader

    async def find(self, domain: str) -> KeptPolicy | None:
        row = self._reader.execute(f"{_SELECT} WHERE domain = ?", (domain,)).fetchone()
        return None if row is None else KeptPolicy(*row)

    async def keep(self, policy: KeptPolicy) -> None:
        await self._write("INSERT OR REPLACE INTO sts_policies VALUES (?, ?, ?, ?, ?, ?)", *astuple(policy))

    async def note_use(self, domain: str, now: int) -> None:
        await self._write("UPDATE sts_policies SET used = ? WHERE domain = ?", now, domain)

    async def stale(self, fetched_before: int, used_since: int) -> Sequence[KeptPolicy]:
        query = f"{_SELECT} WHERE fetched < ? AND used >= ? ORDER BY fetched"
        return [KeptPolicy(*row) for row in self._reader.execute(query, (fetched_before, used_since))]

    async def forget(self, now: int) -> None:
        await self._write("DELETE FROM sts_policies WHERE until <= ?", now)

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()

    async def _write(self, statement: str, *parameters: object) -> None:
        await self._writer.run(lambda connection: connection.execute(statement, parameters))
