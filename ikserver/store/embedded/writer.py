# SPDX-License-Identifier: GPL-3.0-or-later
"""Group commit: jobs that wait at the same time share one transaction, and so one fsync.

Short jobs run on the event loop and only the commit, which waits for the disk, in a thread. In a thread every
statement gives the interpreter lock away and has to win it back from a busy loop: under load a delivery then took
seconds instead of milliseconds. Jobs that say they are long run in the thread, so that the loop stays free.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ikserver.store.embedded.database import BUSY_SECONDS, told

logger = logging.getLogger("ikserver.store")
T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]

MAX_BATCH = 64


@dataclass(slots=True)
class _Waiting(Generic[T]):
    job: Job[T]
    done: asyncio.Future[T]
    then: Callable[[T], None] | None
    long: bool
    result: T | None = field(default=None)
    error: BaseException | None = field(default=None)


class Writer:
    """The one writing connection of a database in this process.

    `run(job)` returns what `job(connection)` returned, once that is on the disk. A job that raises is rolled back
    alone; its neighbours are committed. Jobs run one at a time, in the order in which they came.
    """

    def __init__(self, connection: sqlite3.Connection, threads: Executor) -> None:
        self._connection = connection
        self._be_patient(0)
        self._threads = threads
        self._waiting: list[_Waiting[Any]] = []
        self._task: asyncio.Task[None] | None = None

    async def run(self, job: Job[T], then: Callable[[T], None] | None = None, *, long: bool = False) -> T:
        """Raises what the job raises; when the transaction cannot be committed, NoRoom or sqlite3.Error.

        `then` is called on the loop with the result after the commit and before this returns, also when the caller
        was cancelled meanwhile.
        A job that may take more than a millisecond or two is `long`.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Waiting(job, done, then, long))
        if self._task is None:
            self._task = loop.create_task(self._work())
        # A caller that is cancelled cancels the future alone: the job is done, for a half-known result would be worse.
        return await done

    async def close(self) -> None:
        """Finish what waits and close the connection."""
        while self._task is not None:
            await asyncio.wait({self._task})
        self._connection.close()

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
                await self._write(batch)
                for waiting in batch:
                    _tell(waiting)
        finally:
            self._task = None

    async def _write(self, batch: list[_Waiting[Any]]) -> None:
        """Never raises: every waiting job gets its result or its error."""
        try:
            if any(waiting.long for waiting in batch) or not self._begin_at_once():
                await self._in_thread(lambda: self._transact(batch))
            else:
                self._attempt_all(batch)
                await self._in_thread(self._connection.commit)
        except Exception as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            for waiting in batch:
                waiting.error = waiting.error or error

    async def _in_thread(self, call: Callable[[], None]) -> None:
        """`run_in_executor` in less steps: what a thread does with the interpreter lock, the loop has to wait for."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def work() -> None:
            try:
                call()
            except BaseException as error:
                loop.call_soon_threadsafe(done.set_exception, error)
            else:
                loop.call_soon_threadsafe(done.set_result, None)

        self._threads.submit(work)
        await done

    def _begin_at_once(self) -> bool:
        """Begin a transaction unless another process is in one."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True

    def _transact(self, batch: list[_Waiting[Any]]) -> None:
        """The whole transaction, in a thread: waits there for other processes."""
        self._be_patient(BUSY_SECONDS)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        finally:
            self._be_patient(0)
        self._attempt_all(batch)
        self._connection.execute("COMMIT")

    def _be_patient(self, seconds: float) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")

    def _attempt_all(self, batch: list[_Waiting[Any]]) -> None:
        if len(batch) == 1:
            # When it fails the transaction goes with it: a savepoint would only copy every page that it changes.
            batch[0].result = batch[0].job(self._connection)
            return
        for waiting in batch:
            self._attempt(waiting)

    def _attempt(self, waiting: _Waiting[Any]) -> None:
        self._connection.execute("SAVEPOINT job")
        try:
            waiting.result = waiting.job(self._connection)
        except Exception as error:
            # SQLite itself rolls the whole transaction back on a full disk or an I/O error.
            if not self._connection.in_transaction:
                raise
            self._connection.execute("ROLLBACK TO job")
            waiting.error = error
        self._connection.execute("RELEASE job")


def _tell(waiting: _Waiting[Any]) -> None:
    if waiting.error is not None:
        if not waiting.done.done():
            waiting.done.set_exception(told(waiting.error))
        return
    if not waiting.done.done():
        waiting.done.set_result(waiting.result)
    if waiting.then is not None:
        # The caller goes on later: what `then` tells is told before `run` returns.
        try:
            waiting.then(waiting.result)
        except Exception:
            logger.exception("hint failed")
