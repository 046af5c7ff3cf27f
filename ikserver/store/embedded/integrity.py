# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a database whole, as far as SQLite itself can tell?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ikserver.store.embedded.database import connect


def database_faults(path: Path) -> list[str]:
    """A sentence for each fault; empty when all is well. Reads the whole file."""
    try:
        with closing(connect(path, read_only=True)) as database:
            found = [str(text) for (text,) in database.execute("PRAGMA integrity_check") if text != "ok"]
            broken = database.execute("PRAGMA foreign_key_check").fetchall()
            return found + [
                f"row {row} of {table} refers to a row of {other} that is not there" for table, row, other, _ in broken
            ]
    except sqlite3.Error as error:
        return [str(error)]
