# SPDX-License-Identifier: GPL-3.0-or-later
"""The reading connection of the event loop: short reads, each of one committed state."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from ikserver.store.embedded.mail.flags import FlagTable


class Reader:
    """Only for the thread of the loop. A statement on `db` whose rows are all fetched sees one committed state."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self.flags = FlagTable()

    def version(self) -> int:
        """A number that changes with every commit of any other connection, of this process or another."""
        return int(self.db.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """One state for several statements. The body must not await: a long read lets the WAL grow."""
        self.db.execute("BEGIN")
        try:
            yield self.db
        finally:
            self.db.execute("COMMIT")
