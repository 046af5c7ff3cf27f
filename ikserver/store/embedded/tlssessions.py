# SPDX-License-Identifier: GPL-3.0-or-later
"""`store.api.tlssessions.TlsSessions` in DATA/server.sqlite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path

from ikserver.store.api.tlssessions import Seen
from ikserver.store.embedded.server_file import open_tables
from ikserver.store.embedded.writer import Writer
from protocols.tlsrpt.model import Applied, Kind

_SCHEMA = [
    """
    CREATE TABLE tls_sessions (
        day INTEGER NOT NULL, domain TEXT NOT NULL, policy TEXT NOT NULL, result TEXT NOT NULL, host TEXT NOT NULL,
        sending TEXT NOT NULL, receiving TEXT NOT NULL, reason TEXT NOT NULL, sessions INTEGER NOT NULL,
        PRIMARY KEY (day, domain, policy, result, host, sending, receiving, reason)
    ) WITHOUT ROWID;
    """
]


def open_tls_sessions(root: Path, threads: Executor) -> EmbeddedTlsSessions:
    """Open or make the table of a data directory. Raises StoreBroken, sqlite3.Error, OSError."""
    return EmbeddedTlsSessions(*open_tables(root, threads, {"tls_sessions": _SCHEMA}))


class EmbeddedTlsSessions:
    """Everything is asked for once a day, so nothing but the primary key is an index."""

    def __init__(self, writer: Writer, reader: sqlite3.Connection) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, counts: Mapping[Seen, int]) -> None:
        rows = [(*_row(seen), sessions) for seen, sessions in counts.items()]
        insert = (
            "INSERT INTO tls_sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET sessions = sessions + excluded.sessions"
        )
        await self._writer.run(lambda connection: connection.executemany(insert, rows), long=True)

    async def due(self, day: int) -> Sequence[tuple[int, str]]:
        return self._reader.execute("SELECT DISTINCT day, domain FROM tls_sessions WHERE day < ?", (day,)).fetchall()

    async def of(self, day: int, domain: str, most: int) -> Sequence[tuple[Seen, int]]:
        rows = self._reader.execute(
            "SELECT * FROM tls_sessions WHERE day = ? AND domain = ? ORDER BY sessions DESC, policy, result LIMIT ?",
            (day, domain, most),
        )
        return [(Seen(day, domain, _policy(policy), *texts), sessions) for _, _, policy, *texts, sessions in rows]

    async def forget(self, day: int, domain: str) -> None:
        delete = "DELETE FROM tls_sessions WHERE day = ? AND domain = ?"
        await self._writer.run(lambda connection: connection.execute(delete, (day, domain)))

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()


def _row(seen: Seen) -> tuple[int | str, ...]:
    policy = seen.policy
    text = json.dumps([policy.kind.value, policy.domain, policy.text, policy.mx])
    return seen.day, seen.domain, text, seen.result, seen.host, seen.sending, seen.receiving, seen.reason


def _policy(text: str) -> Applied:
    kind, domain, lines, mx = json.loads(text)
    return Applied(Kind(kind), domain, tuple(lines), tuple(mx))
