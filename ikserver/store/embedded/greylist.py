# SPDX-License-Identifier: GPL-3.0-or-later
"""`store.api.greylist.Greylist` in DATA/server.sqlite."""

from __future__ import annotations

import sqlite3
from concurrent.futures import Executor
from pathlib import Path

from ikserver.store.embedded.server_file import open_tables
from ikserver.store.embedded.writer import Writer

DAY = 86_400
RETRY = 2 * DAY
"""Servers come again within hours; who has not come for so long begins anew."""
ALLOWED = 36 * DAY
"""A newsletter that comes once a month still finds its network allowed."""

_SCHEMA = [
    """
    CREATE TABLE greylist_pairs (
        network TEXT NOT NULL, sender TEXT NOT NULL, first INTEGER NOT NULL, PRIMARY KEY (network, sender)
    ) WITHOUT ROWID;
    CREATE INDEX greylist_pairs_first ON greylist_pairs (first);
    CREATE TABLE greylist_networks (network TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX greylist_networks_until ON greylist_networks (until);
    """
]


def open_greylist(root: Path, threads: Executor, delay: int) -> EmbeddedGreylist:
    """`delay` in seconds: how long everyone has to wait. Raises StoreBroken, sqlite3.Error."""
    return EmbeddedGreylist(*open_tables(root, threads, {"greylist": _SCHEMA}), delay)


class EmbeddedGreylist:
    """An allowed network costs a look-up by key, and a write once in a few weeks."""

    def __init__(self, writer: Writer, reader: sqlite3.Connection, delay: int) -> None:
        self._writer = writer
        self._reader = reader
        self._delay = delay

    async def wait(self, network: str, sender: str, now: int) -> int:
        row = self._reader.execute("SELECT until FROM greylist_networks WHERE network = ?", (network,)).fetchone()
        if row is not None and row[0] > now + ALLOWED // 2:
            return 0
        return await self._writer.run(lambda connection: _wait(connection, network, sender, now, self._delay))

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()


def _wait(connection: sqlite3.Connection, network: str, sender: str, now: int, delay: int) -> int:
    connection.execute("DELETE FROM greylist_pairs WHERE first < ?", (now - RETRY,))
    connection.execute("DELETE FROM greylist_networks WHERE until < ?", (now,))
    allowed = connection.execute("SELECT 1 FROM greylist_networks WHERE network = ?", (network,)).fetchone()
    left = 0 if allowed else _first(connection, network, sender, now) + delay - now
    if left > 0:
        return left
    connection.execute("DELETE FROM greylist_pairs WHERE network = ?", (network,))
    connection.execute("INSERT OR REPLACE INTO greylist_networks VALUES (?, ?)", (network, now + ALLOWED))
    return 0


def _first(connection: sqlite3.Connection, network: str, sender: str, now: int) -> int:
    """When the pair came for the first time."""
    connection.execute("INSERT OR IGNORE INTO greylist_pairs VALUES (?, ?, ?)", (network, sender, now))
    pair = "SELECT first FROM greylist_pairs WHERE network = ? AND sender = ?"
    first: int = connection.execute(pair, (network, sender)).fetchone()[0]
    return first
