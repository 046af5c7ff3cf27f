# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading bodies, and rows by the numbers of bodies, in steps that leave the event loop to others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from ikserver.model.ids import BodyId
from ikserver.model.mail import StoredBody
from ikserver.store.embedded.mail.bodies import INLINE_BELOW, BlobFiles
from ikserver.store.embedded.mail.connections import AccountDatabase

BODIES_AT_ONCE = 64
CACHED_MOST = 256 * 1024
"""So many octets the page cache hands over faster than a thread could be asked to."""

_BETWEEN = "BETWEEN ? AND ?"
_AMONG = "IN (SELECT value FROM json_each(?))"
_CONTENT = "SELECT id, content FROM bodies WHERE content NOTNULL AND id "


async def small_bodies(database: AccountDatabase, bodies: Sequence[BodyId]) -> list[bytes | None]:
    """Contents that lie in rows, None for others."""
    found: list[bytes | None] = []
    for start in range(0, len(bodies), BODIES_AT_ONCE):
        if start:
            await asyncio.sleep(0)
        chosen = bodies[start : start + BODIES_AT_ONCE]
        found += map(by_body(database, _CONTENT, chosen).get, chosen)
    return found


def by_body(database: AccountDatabase, select: str, bodies: Sequence[BodyId]) -> dict[BodyId, bytes]:
    """What `select`, of two columns, finds for some bodies, and maybe for others between them."""
    lowest, highest = min(bodies), max(bodies)
    db = database.reader.db
    if highest - lowest < 2 * len(bodies):
        rows = db.execute(select + _BETWEEN, (lowest, highest))
    else:
        rows = db.execute(select + _AMONG, (json.dumps(list(bodies)),))
    return dict(rows)


def stored(database: AccountDatabase, body: BodyId) -> StoredBody | None:
    """Raises nothing: None is for a body that was swept away."""
    row = database.reader.db.execute("SELECT size FROM bodies WHERE id = ?", (body,)).fetchone()
    return StoredBody(body, row[0]) if row else None


async def read(database: AccountDatabase, files: BlobFiles, body: BodyId, start: int, length: int | None) -> bytes:
    """Octets of a body. Raises KeyError when it is gone."""
    sql = "SELECT size, file, substr(content, ?, ?) FROM bodies WHERE id = ?"
    wanted = INLINE_BELOW if length is None else length
    row = database.reader.db.execute(sql, (start + 1, wanted, body)).fetchone()
    if row is None:
        raise KeyError(body)
    size, file, content = row
    if file is None:
        return content or b""
    left = max(0, size - start)
    wanted = left if length is None else min(left, length)
    if wanted <= CACHED_MOST and (octets := files.read_cached(file, start, wanted)) is not None:
        return octets
    return await database.in_thread(lambda: files.read(file, start, length))
