# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of one account: a writer, a reader for the loop, and readers for long work in threads."""

from __future__ import annotations

import asyncio
import sqlite3
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from ikserver.model.mail import SpecialUse
from ikserver.store.embedded.activity_schema import ACTIVITY, OUTBOX_STEPS
from ikserver.store.embedded.database import connect, migrate
from ikserver.store.embedded.mail import mailboxes
from ikserver.store.embedded.mail.appending import SCANNER
from ikserver.store.embedded.mail.names import INBOX
from ikserver.store.embedded.mail.reader import Reader
from ikserver.store.embedded.mail.schema import STEPS
from ikserver.store.embedded.mail.sieve_schema import SIEVE, SIEVE_STEPS
from ikserver.store.embedded.mail.threads import Threads
from ikserver.store.embedded.writer import Job, Writer

T = TypeVar("T")
FIRST_MAILBOXES: Sequence[tuple[str, SpecialUse | None]] = (
    (INBOX, None),
    ("Archive", SpecialUse.ARCHIVE),
    ("Drafts", SpecialUse.DRAFTS),
    ("Junk", SpecialUse.JUNK),
    ("Sent", SpecialUse.SENT),
    ("Trash", SpecialUse.TRASH),
)


class AccountDatabase:
    """Every connection that this process has to one account's mail."""

    def __init__(self, path: Path, threads: Threads, clock: Callable[[], float] = time.time) -> None:
        """Opens, and makes when missing. Blocks: for a thread."""
        self._path = path
        self._threads = threads
        self.clock = clock
        writing = connect(path)
        migrate(writing, "mail", STEPS)
        migrate(writing, ACTIVITY, OUTBOX_STEPS)
        migrate(writing, SIEVE, SIEVE_STEPS)
        _make_account(writing, clock())
        reading = connect(path, read_only=True)
        self._writer = Writer(writing, threads.commits)
        self.reader = Reader(reading)
        # The last one to close writes the journal back, which takes time: not for the loop when it collects garbage.
        # The writer is alive as long as anything is being written, whoever waits for it.
        self._finalizer = weakref.finalize(self._writer, _close_in_thread, threads.commits, writing, reading)
        self._finalizer.atexit = False

    async def write(self, job: Job[T], then: Callable[[T], None] | None = None, *, long: bool = False) -> T:
        """Run a job in a transaction of the writer; see Writer.run."""
        return await self._writer.run(job, then, long=long)

    async def read_aside(self, job: Job[T]) -> T:
        """Run a long read in a thread, on a connection and in a transaction of its own."""

        def read() -> T:
            with closing(connect(self._path, read_only=True)) as db:
                db.execute("BEGIN")
                return job(db)

        return await self.in_thread(read)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking work among the reads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads.reads, work)

    async def close(self) -> None:
        """Finish what is being written, then close."""
        await self._writer.close()
        self._finalizer.detach()
        await self.in_thread(self.reader.db.close)


def _close_in_thread(threads: Executor, *connections: sqlite3.Connection) -> None:
    try:
        threads.submit(_close, *connections)
    except RuntimeError:
        # The store was closed: there are no threads, and no loop that would have to wait.
        _close(*connections)


def _close(*connections: sqlite3.Connection) -> None:
    for connection in connections:
        connection.close()


def _make_account(db: sqlite3.Connection, now: float) -> None:
    """The first mailboxes of a new account (RFC 6154, 2), subscribed."""
    if db.execute("SELECT 1 FROM account").fetchone():
        return
    db.execute("BEGIN IMMEDIATE")
    if not db.execute("SELECT 1 FROM account").fetchone():
        db.execute("INSERT INTO account (id, next_body, next_uidvalidity, scanner) VALUES (1, 1, 0, ?)", (SCANNER,))
        for name, use in FIRST_MAILBOXES:
            mailboxes.create(db, name, now, use)
            mailboxes.subscribe(db, name, True)
    db.execute("COMMIT")
