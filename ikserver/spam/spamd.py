# SPDX-License-Identifier: GPL-3.0-or-later
"""SpamAssassin's spamd as a filter: a connection for each message, over TCP or a Unix socket."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from ikserver.model.spam import Verdict
from ikserver.spam.api import Examined, FilterDown
from protocols.spamd import BadReply, Reply, Told, parse_reply, symbols, tell

LARGEST_REPLY = 256 * 1024
_USUAL_THRESHOLD = 5.0


@dataclass(frozen=True, slots=True)
class Tcp:
    host: str
    port: int


Place = Tcp | Path
"""Where spamd listens."""


class Spamd:
    """Implements `Filter`. It has no deadlines: see guard.py."""

    def __init__(self, place: Place) -> None:
        self._place = place

    async def judge(self, message: Examined) -> Verdict:
        if not message.whole:
            # Spam is small; SpamAssassin takes seconds for what is large, and half a message is another one.
            return Verdict(0.0, _USUAL_THRESHOLD, False, ("TOO_LARGE",))
        reply = await self._ask(symbols(message.octets))
        return Verdict(reply.score, reply.threshold, reply.spam, reply.symbols)

    async def teach(self, message: Examined, spam: bool | None) -> None:
        if message.whole:
            told = Told.FORGOTTEN if spam is None else Told.SPAM if spam else Told.HAM
            await self._ask(tell(message.octets, told))

    async def _ask(self, request: bytes) -> Reply:
        try:
            return parse_reply(await self._exchange(request))
        except (OSError, BadReply) as error:
            raise FilterDown(str(error)) from error

    async def _exchange(self, request: bytes) -> bytes:
        if isinstance(self._place, Path):
            reader, writer = await asyncio.open_unix_connection(str(self._place))
        else:
            reader, writer = await asyncio.open_connection(self._place.host, self._place.port)
        try:
            writer.write(request)
            writer.write_eof()
            await writer.drain()
            reply = b""
            while (piece := await reader.read(LARGEST_REPLY)) and len(reply) < LARGEST_REPLY:
                reply += piece
            return reply
        finally:
            writer.close()
