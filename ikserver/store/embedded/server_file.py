# SPDX-License-Identifier: GPL-3.0-or-later
"""DATA/server.sqlite, which several components share: each has its own tables, writer and reader."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path

from ikserver.store.embedded.database import connect, migrate
from ikserver.store.embedded.writer import Writer

FILE_NAME = "server.sqlite"


def open_tables(
    root: Path, threads: Executor, components: Mapping[str, Sequence[str]]
) -> tuple[Writer, sqlite3.Connection]:
    """Open or make the tables of components, by name and schema steps. Raises StoreBroken, sqlite3.Error."""
    writing = connect(root / FILE_NAME)
    for name, steps in components.items():
        migrate(writing, name, steps)
    return Writer(writing, threads), connect(root / FILE_NAME, read_only=True)
