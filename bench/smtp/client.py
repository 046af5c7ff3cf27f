# SPDX-License-Identifier: GPL-3.0-or-later
"""A sender that does next to nothing, so that the server is what gets measured."""

from __future__ import annotations

import asyncio


class Sender:
    """One connection after its EHLO or LHLO. A refusal raises RuntimeError."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, host: str, port: int, *, lmtp: bool) -> Sender:
        """Connect and say hello."""
        sender = cls(*await asyncio.open_connection(host, port))
        await sender._reply("2")
        await sender._say(b"LHLO bench.test" if lmtp else b"EHLO bench.test", "2")
        return sender

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Send one message, which ends in CRLF and has no line that starts with a dot; wait for the last answer."""
        await self._say(b"MAIL FROM:<%s>" % sender.encode(), "2")
        await self._say(b"RCPT TO:<%s>" % recipient.encode(), "2")
        await self._say(b"DATA", "3")
        await self._say(message + b".", "2")

    def close(self) -> None:
        """Leave without a QUIT."""
        self._writer.close()

    async def _say(self, line: bytes, expected: str) -> None:
        self._writer.write(line + b"\r\n")
        await self._writer.drain()
        await self._reply(expected)

    async def _reply(self, expected: str) -> None:
        while True:
            line = (await self._reader.readline()).decode("latin-1")
            if not line.startswith(expected):
                raise RuntimeError(line or "the server closed the connection")
            if line[3:4] != "-":
                return
