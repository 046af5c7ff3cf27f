# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a program that looks at mail listens: spamd, clamd."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tcp:
    host: str
    port: int


Place = Tcp | Path
"""A port, or a Unix socket."""


@asynccontextmanager
async def connected(place: Place) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection for one question. Raises OSError."""
    if isinstance(place, Path):
        reader, writer = await asyncio.open_unix_connection(str(place))
    else:
        reader, writer = await asyncio.open_connection(place.host, place.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def read_reply(reader: asyncio.StreamReader, most: int) -> bytes:
    """What comes until the end of the connection, or a little more than `most` octets. Raises OSError."""
    reply = b""
    while (piece := await reader.read(most)) and len(reply) < most:
        reply += piece
    return reply
