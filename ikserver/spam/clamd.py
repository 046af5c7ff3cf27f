# SPDX-License-Identifier: GPL-3.0-or-later
"""ClamAV's clamd: does a message hold malware? A connection for each message, over TCP or a Unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

from ikserver.model.mail import Body, SpooledFile
from ikserver.spam.api import FilterDown
from ikserver.spam.place import Place, connected, read_reply
from protocols.clamd import END, INSTREAM, PING, BadReply, chunk, is_pong, parse_reply

PIECE = 256 * 1024
LARGEST_REPLY = 4096


class Clamd:
    """It has no deadlines: see guard.py. Of what is larger than `most` octets it is shown the beginning."""

    def __init__(self, place: Place, threads: Executor, most: int) -> None:
        """`most` must not be above clamd's own StreamMaxLength."""
        self._place = place
        self._threads = threads
        self._most = most

    async def scan(self, body: Body) -> str:
        """The name of the malware that was found, "" when there is none. Raises FilterDown."""
        try:
            async with connected(self._place) as (reader, writer):
                await self._send(writer, body)
                return parse_reply(await read_reply(reader, LARGEST_REPLY))
        except (OSError, BadReply) as error:
            raise FilterDown(str(error)) from error

    async def ping(self) -> None:
        """Raises FilterDown unless it is there."""
        try:
            async with connected(self._place) as (reader, writer):
                writer.write(PING)
                if not is_pong(await read_reply(reader, LARGEST_REPLY)):
                    raise FilterDown("what answers is no clamd")
        except OSError as error:
            raise FilterDown(str(error)) from error

    async def _send(self, writer: asyncio.StreamWriter, body: Body) -> None:
        writer.write(INSTREAM)
        if isinstance(body, SpooledFile):
            await self._send_file(writer, body.path)
        else:
            for piece in _cut(body[: self._most]):
                writer.write(chunk(piece))
                await writer.drain()
        writer.write(END)
        await writer.drain()

    async def _send_file(self, writer: asyncio.StreamWriter, path: Path) -> None:
        loop, left = asyncio.get_running_loop(), self._most
        with path.open("rb") as file:
            while left and (piece := await loop.run_in_executor(self._threads, file.read, min(PIECE, left))):
                writer.write(chunk(piece))
                await writer.drain()
                left -= len(piece)


def _cut(octets: bytes) -> Iterator[bytes]:
    return (octets[at : at + PIECE] for at in range(0, len(octets), PIECE))
