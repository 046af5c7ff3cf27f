# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a body beyond the cap of `protocols.message`, so that SEARCH stays exact for very long messages."""

from __future__ import annotations

import sqlite3

from ikserver.store.embedded.mail.bodies import BlobFiles, whole_body
from protocols.message import unpack_parts
from protocols.message.text import whole_text


def read_whole_text(db: sqlite3.Connection, files: BlobFiles, body: int) -> bytes:
    """Normalised and encoded like the kept texts; empty for a body that was swept away meanwhile."""
    row = db.execute("SELECT parts FROM facts WHERE body = ?", (body,)).fetchone()
    try:
        with whole_body(db, files, body) as data:
            return whole_text(data, unpack_parts(row[0])).encode("utf-8", "replace")
    except KeyError:
        return b""
