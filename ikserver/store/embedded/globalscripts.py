# SPDX-License-Identifier: GPL-3.0-or-later
"""The Sieve scripts of organisations in DATA/server.sqlite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path

from ikserver.model.ids import OrganisationId
from ikserver.model.scripts import GlobalScript, Moment
from ikserver.store.api.errors import NoSuchScript
from ikserver.store.embedded.scriptlimits import check_name, check_room
from ikserver.store.embedded.server_file import open_tables
from ikserver.store.embedded.writer import Writer

_STEPS = (
    """
    CREATE TABLE global_scripts (
        organisation INTEGER NOT NULL REFERENCES organisations ON DELETE CASCADE,
        name TEXT NOT NULL, moment TEXT NOT NULL, content BLOB NOT NULL,
        PRIMARY KEY (organisation, name)
    );
    """,
)


def open_global_scripts(root: Path, threads: Executor) -> EmbeddedGlobalScripts:
    """Open or make the table in a data directory with a directory. Raises StoreBroken, sqlite3.Error."""
    return EmbeddedGlobalScripts(*open_tables(root, threads, {"global scripts": _STEPS}))


class EmbeddedGlobalScripts:
    """Implements `GlobalScripts`."""

    def __init__(self, writer: Writer, reader: sqlite3.Connection) -> None:
        self._writer = writer
        self._reader = reader

    async def of(self, organisation: OrganisationId) -> Sequence[GlobalScript]:
        rows = self._reader.execute(
            "SELECT name, moment, content FROM global_scripts WHERE organisation = ? ORDER BY name", (organisation,)
        )
        return [GlobalScript(name, Moment(moment), content) for name, moment, content in rows]

    async def put(self, organisation: OrganisationId, name: str, content: bytes, moment: Moment) -> None:
        def job(db: sqlite3.Connection) -> None:
            check_name(name)
            others = """SELECT count(*), ifnull(sum(length(content)), 0) FROM global_scripts
                WHERE organisation = ? AND name <> ?"""
            count, octets = db.execute(others, (organisation, name)).fetchone()
            check_room(count, octets, len(content))
            db.execute("REPLACE INTO global_scripts VALUES (?, ?, ?, ?)", (organisation, name, moment.value, content))

        await self._writer.run(job)

    async def delete(self, organisation: OrganisationId, name: str) -> None:
        def job(db: sqlite3.Connection) -> None:
            deleting = "DELETE FROM global_scripts WHERE organisation = ? AND name = ?"
            if db.execute(deleting, (organisation, name)).rowcount == 0:
                raise NoSuchScript(f"there is no script {name}")

        await self._writer.run(job)

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()
