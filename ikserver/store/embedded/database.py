# SPDX-License-Identifier: GPL-3.0-or-later
"""SQLite as we use it: how a file is opened, and schema versions that only go forward."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from ikserver.store.api.errors import NoRoom, StoreBroken

BUSY_SECONDS = 20.0
JOURNAL_OCTETS = 4 << 20
"""So long may an idle write-ahead log stay; a busy one grows beyond."""

_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open or make a database: WAL, every commit fsynced, transactions begun by hand.

    Connections are handed from thread to thread but never shared: their owner serialises their use.
    """
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_OCTETS}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


def told(error: BaseException) -> BaseException:
    """An error as callers hear it: a full disk is NoRoom, whoever noticed it first."""
    if isinstance(error, sqlite3.Error):
        full = getattr(error, "sqlite_errorcode", None) in _FULL
    else:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return NoRoom("there is no room left on the disk of the server") if full else error


def migrate(connection: sqlite3.Connection, component: str, steps: Sequence[str]) -> None:
    """Bring the tables of `component` to version `len(steps)`; step n makes version n + 1 and never changes again.

    Several components may share a file. Raises StoreBroken when the file comes from a newer ikserver.
    """
    if _version(connection, component) == len(steps):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("CREATE TABLE IF NOT EXISTS schema (component TEXT PRIMARY KEY, version INTEGER NOT NULL)")
        version = _version(connection, component)
        if version > len(steps):
            raise StoreBroken(f"{component} tables have version {version}, newer than this ikserver knows: update it")
        for step in steps[version:]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute("INSERT OR REPLACE INTO schema VALUES (?, ?)", (component, len(steps)))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, component: str) -> int:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema'").fetchone():
        return 0
    row = connection.execute("SELECT version FROM schema WHERE component = ?", (component,)).fetchone()
    return int(row[0]) if row else 0


def _statements(script: str) -> list[str]:
    """The statements of a script. `executescript` would commit the transaction around it."""
    found, start = [], 0
    for end in (i + 1 for i, c in enumerate(script) if c == ";"):
        if sqlite3.complete_statement(script[start:end]):
            found.append(script[start:end])
            start = end
    return found
