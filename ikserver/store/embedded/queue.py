# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue in DATA/server.sqlite: one row a message and one a recipient; large bodies are files in DATA/queue."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

from ikserver.model.mail import Body, SpooledFile
from ikserver.store.api.queue import QueuedMessage, QueueEntry
from ikserver.store.embedded.database import connect, migrate
from ikserver.store.embedded.writer import Writer

INLINE = 64 * 1024
LENT_SECONDS = 600
DUE_AT_ONCE = 20
ORPHAN_SECONDS = 3600

SCHEMA = [
    """
    CREATE TABLE queue_messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sender TEXT NOT NULL, ret TEXT NOT NULL, envid TEXT NOT NULL,
        body_type TEXT NOT NULL, smtputf8 INTEGER NOT NULL,
        size INTEGER NOT NULL, queued INTEGER NOT NULL,
        content BLOB, file TEXT
    );
    CREATE TABLE queue_recipients (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        message INTEGER NOT NULL REFERENCES queue_messages (id),
        recipient TEXT NOT NULL, notify TEXT NOT NULL, orcpt TEXT NOT NULL, account INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0, next_attempt INTEGER, last_error TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX queue_recipients_message ON queue_recipients (message);
    CREATE INDEX queue_recipients_due ON queue_recipients (next_attempt) WHERE next_attempt IS NOT NULL;
    """
]

_ENTRIES = """
    SELECT r.id, m.id, m.sender, r.recipient, r.account, m.size, m.queued, r.attempts, r.next_attempt, r.last_error
    FROM queue_recipients r JOIN queue_messages m ON m.id = r.message
"""


def open_queue(root: Path, threads: Executor, clock: Callable[[], float] = time.time) -> EmbeddedQueue:
    """Open or make the queue of a data directory. Raises StoreBroken, sqlite3.Error, OSError."""
    folder = root / "queue"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = connect(root / "server.sqlite")
    migrate(connection, "queue", SCHEMA)
    _sweep(connection, folder, clock() - ORPHAN_SECONDS)
    return EmbeddedQueue(
        Writer(connection, threads), connect(root / "server.sqlite", read_only=True), folder, threads, clock
    )


class EmbeddedQueue:
    """`store.api.queue.Queue` on SQLite. Reads are small and happen on the event loop's thread."""

    def __init__(
        self, writer: Writer, reader: sqlite3.Connection, folder: Path, threads: Executor, clock: Callable[[], float]
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._folder = folder
        self._threads = threads
        self._clock = clock

    async def put(self, message: QueuedMessage) -> int:
        content, file, size = await self._keep(message.body)
        queued = int(self._clock())

        def insert(connection: sqlite3.Connection) -> int:
            values = (message.sender, message.ret, message.envid, message.body_type, message.smtputf8)
            number = connection.execute(
                "INSERT INTO queue_messages (sender, ret, envid, body_type, smtputf8, size, queued, content, file)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (*values, size, queued, content, file),
            ).fetchone()[0]
            connection.executemany(
                "INSERT INTO queue_recipients (message, recipient, notify, orcpt, account, next_attempt)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [(number, r.address, r.notify, r.orcpt, r.account, queued) for r in message.recipients],
            )
            return int(number)

        return await self._writer.run(insert)

    async def entries(self) -> Sequence[QueueEntry]:
        return [QueueEntry(*row) for row in self._reader.execute(_ENTRIES + " ORDER BY r.id")]

    async def due_local(self, now: int) -> Sequence[QueueEntry]:
        if (
            self._reader.execute(
                "SELECT 1 FROM queue_recipients WHERE account IS NOT NULL AND next_attempt <= ? LIMIT 1", (now,)
            ).fetchone()
            is None
        ):
            return []

        def lend(connection: sqlite3.Connection) -> list[QueueEntry]:
            due = " WHERE r.account IS NOT NULL AND r.next_attempt <= ? ORDER BY r.next_attempt LIMIT ?"
            found = [QueueEntry(*row) for row in connection.execute(_ENTRIES + due, (now, DUE_AT_ONCE))]
            connection.executemany(
                "UPDATE queue_recipients SET next_attempt = ? WHERE id = ?",
                [(now + LENT_SECONDS, entry.id) for entry in found],
            )
            return found

        return await self._writer.run(lend)

    async def body(self, message: int) -> Body:
        row = self._reader.execute("SELECT content, file, size FROM queue_messages WHERE id = ?", (message,)).fetchone()
        if row is None:
            raise KeyError(message)
        content, file, size = row
        return content if file is None else SpooledFile(self._folder / file, size)

    async def retry_later(self, entry: int, error: str, next_attempt: int | None) -> None:
        await self._writer.run(
            lambda connection: connection.execute(
                "UPDATE queue_recipients SET attempts = attempts + 1, last_error = ?, next_attempt = ? WHERE id = ?",
                (error, next_attempt, entry),
            )
        )

    async def done(self, entry: int) -> None:
        file = await self._writer.run(lambda connection: _remove(connection, entry))
        if file is not None:
            await self._in_thread(lambda: (self._folder / file).unlink(missing_ok=True))

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()

    async def _keep(self, body: Body) -> tuple[bytes | None, str | None, int]:
        """Content or file name, and size. A file is durable before the row that names it."""
        if isinstance(body, SpooledFile):
            return None, await self._in_thread(lambda: _keep_file(self._folder, body.path)), body.size
        if len(body) <= INLINE:
            return body, None, len(body)
        return None, await self._in_thread(lambda: _keep_content(self._folder, body)), len(body)

    async def _in_thread(self, call: Callable[[], str | None]) -> str | None:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


def _remove(connection: sqlite3.Connection, entry: int) -> str | None:
    """The name of the file that nobody needs any more, if any."""
    row = connection.execute("DELETE FROM queue_recipients WHERE id = ? RETURNING message", (entry,)).fetchone()
    if row is None or connection.execute("SELECT 1 FROM queue_recipients WHERE message = ?", row).fetchone():
        return None
    file: str | None = connection.execute("DELETE FROM queue_messages WHERE id = ? RETURNING file", row).fetchone()[0]
    return file


def _keep_content(folder: Path, content: bytes) -> str:
    name = secrets.token_hex(16)
    new = folder / f"{name}.new"
    new.write_bytes(content)
    return _seal(folder, new, name)


def _keep_file(folder: Path, path: Path) -> str:
    """Moved where that is possible, else copied."""
    name = secrets.token_hex(16)
    new = folder / f"{name}.new"
    shutil.move(path, new)
    return _seal(folder, new, name)


def _seal(folder: Path, new: Path, name: str) -> str:
    """Octets first, then the name, then the folder that holds the name."""
    with new.open("rb") as file:
        os.fsync(file.fileno())
    new.replace(folder / name)
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return name


def _sweep(connection: sqlite3.Connection, folder: Path, before: float) -> None:
    """Remove files that a crash left behind. Young ones may belong to a row that is being written."""
    named = {row[0] for row in connection.execute("SELECT file FROM queue_messages WHERE file IS NOT NULL")}
    for path in folder.iterdir():
        if path.name not in named and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
