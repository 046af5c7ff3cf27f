# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a body beyond the cap of `protocols.message`, so that SEARCH stays exact for very long messages."""

from __future__ import annotations

import mmap
import sqlite3

from ikserver.store.embedded.mail.bodies import BlobFiles
from protocols.message import unpack_parts
from protocols.message.text import whole_text


def read_whole_text(db: sqlite3.Connection, files: BlobFiles, body: int) -> bytes:
    """Normalised and encoded like the kept texts; empty for a body that was swept away."""
    sql = "SELECT file, content, parts FROM bodies JOIN facts ON facts.body = bodies.id WHERE id = ?"
    row = db.execute(sql, (body,)).fetchone()
    if row is None:
        return b""
    file, content, parts = row
    if file is None:
        return whole_text(content, unpack_parts(parts)).encode("utf-8", "replace")
    with files.path(file).open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return whole_text(data, unpack_parts(parts)).encode("utf-8", "replace")
