# SPDX-License-Identifier: GPL-3.0-or-later
"""The Sieve scripts of one account."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ikserver.model.scripts import Script, ScriptEntry
from ikserver.store.api.errors import NoSuchScript, ScriptActive, ScriptExists
from ikserver.store.embedded.mail.connections import AccountDatabase
from ikserver.store.embedded.scriptlimits import check_name, check_room


class EmbeddedScripts:
    """Implements `Scripts`."""

    def __init__(self, database: AccountDatabase) -> None:
        self._database = database

    async def list(self) -> Sequence[ScriptEntry]:
        rows = self._database.reader.db.execute("SELECT name, active, length(content) FROM scripts ORDER BY name")
        return [ScriptEntry(name, bool(active), size) for name, active, size in rows]

    async def get(self, name: str) -> bytes:
        row = self._database.reader.db.execute("SELECT content FROM scripts WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise _unknown(name)
        return bytes(row[0])

    async def active(self) -> Script | None:
        row = self._database.reader.db.execute("SELECT name, content FROM scripts WHERE active").fetchone()
        return None if row is None else Script(*row)

    async def check_room(self, name: str, size: int) -> None:
        _check(self._database.reader.db, name, size)

    async def put(self, name: str, content: bytes) -> None:
        def job(db: sqlite3.Connection) -> None:
            _check(db, name, len(content))
            db.execute(
                "INSERT INTO scripts (name, content) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET content = ?2",
                (name, content),
            )

        await self._database.write(job)

    async def activate(self, name: str | None) -> None:
        def job(db: sqlite3.Connection) -> None:
            db.execute("UPDATE scripts SET active = 0 WHERE active")
            if name is not None:
                _one(db.execute("UPDATE scripts SET active = 1 WHERE name = ?", (name,)), name)

        await self._database.write(job)

    async def delete(self, name: str) -> None:
        def job(db: sqlite3.Connection) -> None:
            if db.execute("SELECT 1 FROM scripts WHERE name = ? AND active", (name,)).fetchone():
                raise ScriptActive(f"the script {name} is active")
            _one(db.execute("DELETE FROM scripts WHERE name = ?", (name,)), name)

        await self._database.write(job)

    async def rename(self, old: str, new: str) -> None:
        def job(db: sqlite3.Connection) -> None:
            check_name(new)
            if db.execute("SELECT 1 FROM scripts WHERE name = ?", (new,)).fetchone():
                raise ScriptExists(f"there is a script {new} already")
            _one(db.execute("UPDATE scripts SET name = ? WHERE name = ?", (new, old)), old)

        await self._database.write(job)


def _check(db: sqlite3.Connection, name: str, size: int) -> None:
    check_name(name)
    others = "SELECT count(*), ifnull(sum(length(content)), 0) FROM scripts WHERE name <> ?"
    count, octets = db.execute(others, (name,)).fetchone()
    check_room(count, octets, size)


def _one(cursor: sqlite3.Cursor, name: str) -> None:
    """Raises NoSuchScript when a statement found none."""
    if cursor.rowcount == 0:
        raise _unknown(name)


def _unknown(name: str) -> NoSuchScript:
    return NoSuchScript(f"there is no script {name}")
