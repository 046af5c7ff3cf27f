# SPDX-License-Identifier: GPL-3.0-or-later
"""SpamAssassin's spamd as a filter: a connection for each message, over TCP or a Unix socket."""

from __future__ import annotations

from ikserver.model.spam import Verdict
from ikserver.spam.api import Examined, FilterDown
from ikserver.spam.place import Place, connected, read_reply
from protocols.spamd import PING, BadReply, Reply, Told, is_pong, parse_reply, symbols, tell

LARGEST_REPLY = 256 * 1024
_USUAL_THRESHOLD = 5.0


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

    async def ping(self) -> None:
        """Raises FilterDown unless it is there."""
        try:
            if not is_pong(await self._exchange(PING)):
                raise FilterDown("what answers is no spamd")
        except OSError as error:
            raise FilterDown(str(error)) from error

    async def _ask(self, request: bytes) -> Reply:
        try:
            return parse_reply(await self._exchange(request))
        except (OSError, BadReply) as error:
            raise FilterDown(str(error)) from error

    async def _exchange(self, request: bytes) -> bytes:
        async with connected(self._place) as (reader, writer):
            writer.write(request)
            writer.write_eof()
            await writer.drain()
            return await read_reply(reader, LARGEST_REPLY)
