# SPDX-License-Identifier: GPL-3.0-or-later
"""Group commit and migrations, on real files."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ikserver.store.api.errors import StoreBroken
from ikserver.store.embedded.database import connect, migrate
from ikserver.store.embedded.writer import Writer
from tests.support import on_loop, wait

TABLE = "CREATE TABLE t (n INTEGER PRIMARY KEY);"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "test.sqlite"
    connection = connect(path)
    migrate(connection, "test", [TABLE])
    connection.close()
    return path


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    with ThreadPoolExecutor(2) as threads:
        writer = Writer(connect(path), threads)
        yield writer
        wait(writer.close())


def insert(n: int) -> Callable[[sqlite3.Connection], int | None]:
    return lambda connection: connection.execute("INSERT INTO t VALUES (?)", (n,)).lastrowid


@on_loop
async def test_a_job_that_fails_takes_nobody_with_it(writer: Writer, path: Path) -> None:
    jobs = [writer.run(insert(n)) for n in (1, 2, 2, 3)]
    one, two, clash, three = await asyncio.gather(*jobs, return_exceptions=True)
    assert (one, two, three) == (1, 2, 3)
    assert isinstance(clash, sqlite3.IntegrityError)
    assert connect(path, read_only=True).execute("SELECT n FROM t").fetchall() == [(1,), (2,), (3,)]


@on_loop
async def test_jobs_that_wait_together_share_a_commit(writer: Writer, path: Path) -> None:
    reader = connect(path, read_only=True)
    version = "PRAGMA data_version"
    first = reader.execute(version).fetchone()[0]
    await asyncio.gather(*[writer.run(insert(n)) for n in range(1, 51)])
    # The task that writes starts after all fifty have queued, so they are one commit.
    assert reader.execute(version).fetchone()[0] == first + 1


@on_loop
async def test_a_cancelled_caller_does_not_stop_the_job(writer: Writer, path: Path) -> None:
    task = asyncio.get_running_loop().create_task(writer.run(insert(7)))
    await asyncio.sleep(0)
    task.cancel()
    await writer.run(insert(8))
    assert connect(path, read_only=True).execute("SELECT n FROM t").fetchall() == [(7,), (8,)]


@on_loop
async def test_a_writer_waits_for_another_process_without_stopping_the_loop(writer: Writer, path: Path) -> None:
    other = connect(path)
    other.execute("BEGIN IMMEDIATE")
    task = asyncio.get_running_loop().create_task(writer.run(insert(1)))
    for _ in range(20):
        await asyncio.sleep(0.005)
        assert not task.done()
    other.execute("INSERT INTO t VALUES (2)")
    other.execute("COMMIT")
    assert await task == 1


@pytest.mark.parametrize("long", [False, True])
@on_loop
async def test_what_is_to_follow_a_commit_comes_before_the_caller_goes_on(
    writer: Writer, path: Path, long: bool
) -> None:
    seen: list[object] = []
    reader = connect(path, read_only=True)

    def then(result: int | None) -> None:
        seen.append((result, reader.execute("SELECT n FROM t").fetchall()))
        raise ZeroDivisionError("a listener with a fault stops nobody")

    await writer.run(insert(7), then, long=long)
    assert seen == [(7, [(7,)])]
    with pytest.raises(sqlite3.IntegrityError):
        await writer.run(insert(7), then, long=long)
    assert len(seen) == 1


def test_migrations_go_forward_once_and_refuse_the_future(path: Path) -> None:
    connection = connect(path)
    connection.execute("INSERT INTO t VALUES (5)")
    migrate(connection, "test", [TABLE, "ALTER TABLE t ADD COLUMN name TEXT DEFAULT 'x'; CREATE INDEX i ON t (name);"])
    assert connection.execute("SELECT n, name FROM t").fetchall() == [(5, "x")]
    with pytest.raises(StoreBroken, match="newer"):
        migrate(connection, "test", [TABLE])


def test_a_migration_that_fails_leaves_all_as_it_was(path: Path) -> None:
    connection = connect(path)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, "test", [TABLE, "CREATE TABLE u (n); CREATE TABLE t (n);"])
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert sorted(names) == ["schema", "t"]
