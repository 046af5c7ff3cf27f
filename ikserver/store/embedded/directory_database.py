# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection that reads on the event loop and one that writes in a thread, on DATA/server.sqlite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, TypeVar

from ikserver.store.api.errors import NotFound
from ikserver.store.embedded.database import connect, migrate
from ikserver.store.embedded.directory_schema import COMPONENT, STEPS
from ikserver.store.embedded.writer import Writer

T = TypeVar("T")
Row = sqlite3.Row


class DirectoryDatabase:
    """Rows are looked up by key and there are few of them, so a read takes microseconds and needs no thread."""

    def __init__(self, path: Path, threads: Executor) -> None:
        writing = connect(path)
        migrate(writing, COMPONENT, STEPS)
        writing.row_factory = Row
        self._writer = Writer(writing, threads)
        self._reading = connect(path, read_only=True)
        self._reading.row_factory = Row
        self._data_version = -1
        self._generation = 0

    def one(self, query: str, *parameters: Any) -> Row | None:
        """The first row, if any."""
        row: Row | None = self._reading.execute(query, parameters).fetchone()
        return row

    def all(self, query: str, *parameters: Any) -> list[Row]:
        """All rows."""
        return self._reading.execute(query, parameters).fetchall()

    async def change(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run a job of the writer and move on to the next generation with it."""

        def work(connection: sqlite3.Connection) -> T:
            result = job(connection)
            connection.execute("UPDATE directory SET generation = generation + 1")
            return result

        return await self._writer.run(work)

    async def note(self, statement: str, *parameters: Any) -> None:
        """Write what no cache needs to know of."""
        await self._writer.run(lambda connection: connection.execute(statement, parameters) and None)

    def generation(self) -> int:
        """Other components write to this file too; only a change of the directory makes a new generation."""
        (data_version,) = self._reading.execute("PRAGMA data_version").fetchone()
        if data_version != self._data_version:
            self._data_version = data_version
            (self._generation,) = self._reading.execute("SELECT generation FROM directory").fetchone()
        return self._generation

    async def close(self) -> None:
        """Finish what is being written."""
        await self._writer.close()
        self._reading.close()


def found(cursor: sqlite3.Cursor, what: str) -> None:
    """Raises NotFound when a statement that names one row, such as `alias info@a.test`, changed none."""
    if cursor.rowcount == 0:
        raise NotFound(f"there is no {what}")


def joined(names: Sequence[str]) -> str:
    """Enum values of a set as they are stored."""
    return ",".join(sorted(names))
