# SPDX-License-Identifier: GPL-3.0-or-later
"""`store.api.tallies.Tallies` in DATA/server.sqlite."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path

from ikserver.store.api.tallies import DmarcReport, Tallied
from ikserver.store.embedded.server_file import open_tables
from ikserver.store.embedded.writer import Writer
from protocols.dmarc.feedback import Seen, load

KEPT_DAYS = 90
STEPS = [
    """
    CREATE TABLE dmarc_tallies (
        day INTEGER NOT NULL, domain TEXT NOT NULL, seen TEXT NOT NULL, messages INTEGER NOT NULL,
        PRIMARY KEY (day, domain, seen)
    ) WITHOUT ROWID;
    CREATE TABLE dmarc_reports (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        day INTEGER NOT NULL, domain TEXT NOT NULL, messages INTEGER NOT NULL, recipients TEXT NOT NULL,
        size INTEGER NOT NULL, sent INTEGER NOT NULL, reason TEXT NOT NULL
    );
    """
]


def open_tallies(root: Path, threads: Executor) -> EmbeddedTallies:
    """Open or make the tables of a data directory. Raises StoreBroken, sqlite3.Error, OSError."""
    return EmbeddedTallies(*open_tables(root, threads, {"tallies": STEPS}))


class EmbeddedTallies:
    """Everything is asked for once a day, so nothing but the primary key is an index."""

    def __init__(self, writer: Writer, reader: sqlite3.Connection) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, counts: Mapping[Tallied, int]) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO dmarc_tallies VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET messages = messages + excluded.messages",
                ((one.day, one.domain, one.seen.dump(), count) for one, count in counts.items()),
            )

        await self._writer.run(write, long=True)

    async def due(self, day: int) -> Sequence[tuple[int, str]]:
        return self._reader.execute("SELECT DISTINCT day, domain FROM dmarc_tallies WHERE day < ?", (day,)).fetchall()

    async def of(self, day: int, domain: str, most: int) -> Sequence[tuple[Seen, int]]:
        rows = self._reader.execute(
            "SELECT seen, messages FROM dmarc_tallies WHERE day = ? AND domain = ?"
            " ORDER BY messages DESC, seen LIMIT ?",
            (day, domain, most),
        )
        return [(load(seen), messages) for seen, messages in rows]

    async def finish(self, report: DmarcReport) -> None:
        def write(connection: sqlite3.Connection) -> None:
            of_report = report.day, report.domain
            connection.execute("DELETE FROM dmarc_tallies WHERE day = ? AND domain = ?", of_report)
            connection.execute("DELETE FROM dmarc_reports WHERE day < ?", (report.day - KEPT_DAYS,))
            connection.execute(
                "INSERT INTO dmarc_reports (day, domain, messages, recipients, size, sent, reason)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*of_report, report.messages, " ".join(report.recipients), report.size, report.sent, report.reason),
            )

        await self._writer.run(write, long=True)

    async def reports(self, day: int = 0) -> Sequence[DmarcReport]:
        rows = self._reader.execute(
            "SELECT day, domain, messages, recipients, size, sent, reason FROM dmarc_reports"
            " WHERE day >= ? ORDER BY day DESC, id DESC",
            (day,),
        )
        return [
            DmarcReport(day, domain, messages, tuple(recipients.split()), size, sent, reason)
            for day, domain, messages, recipients, size, sent, reason in rows
        ]

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()
