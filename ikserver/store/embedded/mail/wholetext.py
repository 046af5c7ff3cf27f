# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a body beyond the cap of `protocols.message`, so that SEARCH stays exact for very long messages."""

from __future__ import annotations

import sqlite3

from ikserver.store.embedded.mail.bodies import BlobFiles, whole_body
from protocols.message import unpack_parts
from protocols.message.wholetext import whole_text


def whole_text_has(db: sqlite3.Connection, files: BlobFiles, body: int, needle: bytes) -> bool:
    """Whether the text holds a needle, normalised and encoded like the kept texts; not in a body that was swept away.

    Reads a piece at a time.
    """
    row = db.execute("SELECT parts FROM facts WHERE body = ?", (body,)).fetchone()
    try:
        with whole_body(db, files, body) as data:
            before = b""
            for piece in whole_text(data, unpack_parts(row[0])):
                octets = before + piece.encode("utf-8", "replace")
                if needle in octets:
                    return True
                before = octets[max(0, len(octets) - len(needle) + 1) :]
    except KeyError:
        pass
    return False
