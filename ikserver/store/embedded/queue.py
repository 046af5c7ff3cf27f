# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue in DATA/server.sqlite; large bodies are files in DATA/queue."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from pathlib import Path

from ikserver.model.activity import Event
from ikserver.model.mail import Body, SpooledFile
from ikserver.store.api.queue import Backlog, Batch, Claimed, Postponed, QueuedMessage, QueueEntry
from ikserver.store.embedded import activity_rows
from ikserver.store.embedded import queue_rows as rows
from ikserver.store.embedded.activity_schema import ACTIVITY, ACTIVITY_STEPS
from ikserver.store.embedded.queue_files import INLINE as INLINE
from ikserver.store.embedded.queue_files import QueueFiles
from ikserver.store.embedded.queue_schema import SCHEMA
from ikserver.store.embedded.server_file import open_tables
from ikserver.store.embedded.writer import Writer

LENT_SECONDS = 600
DUE_AT_ONCE = 20
ORPHAN_SECONDS = 3600


def open_queue(root: Path, threads: Executor, clock: Callable[[], float] = time.time) -> EmbeddedQueue:
    """Open or make the queue of a data directory. Raises StoreBroken, sqlite3.Error, OSError."""
    folder = root / "queue"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The activity log is told in the transactions of the queue.
    writer, reader = open_tables(root, threads, {"queue": SCHEMA, ACTIVITY: ACTIVITY_STEPS})
    files = QueueFiles(folder, threads)
    named = {row[0] for row in reader.execute("SELECT file FROM queue_messages WHERE file IS NOT NULL")}
    files.sweep(named, clock() - ORPHAN_SECONDS)
    return EmbeddedQueue(writer, reader, files, clock)


class EmbeddedQueue:
    """`store.api.queue.Queue` on SQLite. Reads are small and happen on the event loop's thread."""

    def __init__(
        self, writer: Writer, reader: sqlite3.Connection, files: QueueFiles, clock: Callable[[], float]
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._files = files
        self._clock = clock

    async def put(self, *messages: QueuedMessage) -> int:
        kept = [(message, await self._files.keep(message.body)) for message in messages]
        queued = int(self._clock())

        def write(connection: sqlite3.Connection) -> int:
            return [rows.insert(connection, each, body, queued) for each, body in kept][-1]

        return await self._writer.run(write)

    async def put_once(self, key: bytes, *messages: QueuedMessage) -> None:
        if self._reader.execute("SELECT 1 FROM queue_once WHERE key = ?", (key,)).fetchone():
            return
        kept = [(message, await self._files.keep(message.body)) for message in messages]
        now = int(self._clock())

        def write(connection: sqlite3.Connection) -> list[str]:
            if not rows.is_first(connection, key, now):
                return [file for _, (_, file, _) in kept if file is not None]
            for each, body in kept:
                rows.insert(connection, each, body, now)
            return []

        await self._files.remove(await self._writer.run(write))

    async def entries(self) -> Sequence[QueueEntry]:
        return [rows.entry_of(row) for row in self._reader.execute(rows.ENTRIES + " ORDER BY r.id")]

    async def entry(self, number: int) -> QueueEntry:
        row = self._reader.execute(rows.ENTRIES + " WHERE r.id = ?", (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        return rows.entry_of(row)

    async def backlog(self, now: int) -> Backlog:
        return Backlog(*self._reader.execute(rows.BACKLOG, (now,)).fetchone())

    async def due_local(self, now: int) -> Sequence[Claimed]:
        due = "SELECT 1 FROM queue_recipients WHERE account IS NOT NULL AND next_attempt <= ? LIMIT 1"
        if self._reader.execute(due, (now,)).fetchone() is None:
            return []
        until = now + LENT_SECONDS
        return await self._writer.run(lambda connection: rows.lend_local(connection, now, until, DUE_AT_ONCE))

    async def claim(self, now: int, busy: Collection[str], most: Callable[[str], int]) -> Batch | None:
        domain = rows.due_domain(self._reader, now, busy)
        if domain is None:
            return None
        until = now + LENT_SECONDS
        return await self._writer.run(lambda connection: rows.claim(connection, domain, now, until, most(domain)))

    async def keep(self, entries: Sequence[int], now: int) -> None:
        until = now + LENT_SECONDS
        await self._writer.run(
            lambda connection: connection.executemany(
                "UPDATE queue_recipients SET next_attempt = ? WHERE id = ? AND state = 'sending'",
                [(until, entry) for entry in entries],
            )
        )

    async def free_claims(self, now: int) -> None:
        await self._writer.run(
            lambda connection: connection.execute(
                "UPDATE queue_recipients SET state = 'waiting', next_attempt = ?"
                " WHERE state = 'sending' AND account IS NULL",
                (now,),
            ),
            long=True,
        )

    async def held(self, submitter: str) -> int:
        held = "SELECT ifnull(sum(size), 0) FROM queue_messages WHERE submitter = ? AND hold <> ''"
        return int(self._reader.execute(held, (submitter,)).fetchone()[0])

    async def body(self, message: int) -> Body:
        row = self._reader.execute("SELECT content, file, size FROM queue_messages WHERE id = ?", (message,)).fetchone()
        if row is None:
            raise KeyError(message)
        content, file, size = row
        return content if file is None else SpooledFile(self._files.folder / file, size)

    async def event(self, entry: int) -> Event | None:
        row = self._reader.execute("SELECT event FROM queue_recipients WHERE id = ?", (entry,)).fetchone()
        return None if row is None else rows.event_of(row[0])

    async def done(self, entry: int) -> None:
        await self.settle([entry])

    async def settle(
        self,
        done: Sequence[int],
        postponed: Sequence[Postponed] = (),
        reports: Sequence[QueuedMessage] = (),
        events: Sequence[Event] = (),
    ) -> None:
        kept = [(report, await self._files.keep(report.body)) for report in reports]
        queued = int(self._clock())

        def write(connection: sqlite3.Connection) -> list[str]:
            for report, body in kept:
                rows.insert(connection, report, body, queued)
            rows.postpone(connection, postponed)
            activity_rows.insert(connection, events)
            return rows.remove(connection, done)

        await self._files.remove(await self._writer.run(write))

    async def give_back(self, entries: Sequence[int], next_attempt: int) -> None:
        await self._writer.run(
            lambda connection: connection.executemany(
                "UPDATE queue_recipients SET state = 'waiting', next_attempt = ? WHERE id = ? AND state = 'sending'",
                [(next_attempt, entry) for entry in entries],
            )
        )

    async def hold(self, entry: int) -> None:
        await self._writer.run(lambda connection: rows.hold(connection, entry))

    async def retry(self, entry: int, now: int) -> None:
        await self._writer.run(lambda connection: rows.retry(connection, entry, now))

    async def pause(self, domain: str) -> None:
        await self._writer.run(
            lambda connection: connection.execute(
                "INSERT INTO queue_domains (domain, paused) VALUES (?, 1)"
                " ON CONFLICT (domain) DO UPDATE SET paused = 1",
                (domain,),
            )
        )

    async def resume(self, domain: str) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE queue_domains SET paused = 0 WHERE domain = ?", (domain,))
            connection.execute("DELETE FROM queue_domains WHERE domain = ? AND due IS NULL", (domain,))

        await self._writer.run(write)

    async def paused(self) -> Sequence[str]:
        return [row[0] for row in self._reader.execute("SELECT domain FROM queue_domains WHERE paused ORDER BY domain")]

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()
