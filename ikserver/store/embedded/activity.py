# SPDX-License-Identifier: GPL-3.0-or-later
"""The activity log on SQLite. A page is some hundred rows off an index: it is read on the event loop's thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path

from ikserver.model.activity import Event, Look, Page, Place, Wanted
from ikserver.store.embedded.activity_rows import decode, insert
from ikserver.store.embedded.activity_schema import ACTIVITY, ACTIVITY_STEPS
from ikserver.store.embedded.activity_search import statement
from ikserver.store.embedded.server_file import open_tables
from ikserver.store.embedded.writer import Writer

MANY_EVENTS = 8
ROWS_AT_ONCE = 500
_TRAIL = """
    SELECT event FROM activity WHERE message_id = ?1 AND message_id <> ''
    UNION SELECT event FROM activity WHERE message = ?1
"""
_PLACE = f"iif(json_type(event) = 'object', '$.address', '$[{Event._fields.index('address')}]')"
_DISOWN = f"""
    UPDATE activity SET address = '', event = json_set(event, {_PLACE}, '')
    WHERE id IN (SELECT id FROM activity WHERE address = ? LIMIT ?)
"""  # noqa: S608 (SQL of ours)
_PURGE = "DELETE FROM activity WHERE id IN (SELECT id FROM activity WHERE domain = ? AND time < ? LIMIT ?)"


def open_activity(root: Path, threads: Executor) -> EmbeddedActivity:
    """Open or make the log of a data directory. Raises StoreBroken, sqlite3.Error."""
    return EmbeddedActivity(*open_tables(root, threads, {ACTIVITY: ACTIVITY_STEPS}))


class EmbeddedActivity:
    """`store.api.activity.Activity`."""

    def __init__(self, writer: Writer, reader: sqlite3.Connection) -> None:
        self._writer = writer
        self._reader = reader

    async def record(self, events: Sequence[Event]) -> None:
        await self._writer.run(lambda connection: insert(connection, events), long=len(events) > MANY_EVENTS)

    async def search(self, wanted: Wanted, limit: int = 100, below: Place | None = None) -> Page:
        query, parameters = statement(wanted, below)
        rows = self._reader.execute(query, (*parameters, limit + 1)).fetchall()
        events = tuple(decode(event) for _, _, event in rows[:limit])
        return Page(events, Place(*rows[limit - 1][:2]) if len(rows) > limit else None)

    async def trail(self, message: str) -> Sequence[Event]:
        events = [decode(event) for (event,) in self._reader.execute(_TRAIL, (message,))]
        return sorted(events, key=lambda event: event.time)

    async def disown(self, address: str) -> None:
        while await self._change(_DISOWN, address, ROWS_AT_ONCE):
            continue

    async def note_look(self, look: Look) -> None:
        await self._change("INSERT INTO activity_looks VALUES (NULL, ?, ?, ?)", look.time, look.who, look.what)

    async def looks(self, limit: int = 100) -> Sequence[Look]:
        newest = "SELECT time, who, what FROM activity_looks ORDER BY time DESC, id DESC LIMIT ?"
        return [Look(*row) for row in self._reader.execute(newest, (limit,))]

    async def domains(self) -> Sequence[str]:
        found = []
        # One step down the index a domain: DISTINCT would read all of it.
        row = self._reader.execute("SELECT min(domain) FROM activity").fetchone()
        while row[0] is not None:
            found.append(row[0])
            row = self._reader.execute("SELECT min(domain) FROM activity WHERE domain > ?", row).fetchone()
        return found

    async def purge(self, domain: str, before: int) -> int:
        return await self._change(_PURGE, domain, before, ROWS_AT_ONCE)

    async def purge_looks(self, before: int) -> None:
        await self._change("DELETE FROM activity_looks WHERE time < ?", before)

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()

    async def _change(self, query: str, *parameters: object) -> int:
        """How many rows it changed."""
        return await self._writer.run(lambda connection: connection.execute(query, parameters).rowcount, long=True)
