# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of somebody else, on a real socket, that behaves as a test wants it to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

ALL = ("PIPELINING", "SIZE 1000000", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")
CLOSE = "close"
"""An answer that is none: the connection ends."""
SILENCE = "silence"
"""An answer that never comes."""
DRIP = "drip"
"""An answer that comes octet by octet and has no end."""

USUAL = {
    "": "502 5.5.1 What?",
    "greeting": "220 mx.far.test ESMTP",
    "HELO": "250 mx.far.test",
    "MAIL": "250 2.1.0 Fine",
    "RCPT": "250 2.1.5 Fine",
    "DATA": "354 Go on",
    "end": "250 2.0.0 Taken as 42",
    "RSET": "250 2.0.0 Forgotten",
    "QUIT": "221 2.0.0 Bye",
    "AUTH": "235 2.7.0 Welcome",
    "STARTTLS": "220 2.0.0 Go on",
}


@dataclass
class Far:
    """`answers` are by the start of a command, the longest that fits; `greeting` and `end` are those moments.

    `heard` are all commands in their order, `messages` the bodies after unstuffing.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    offers: Sequence[str] = ALL
    tls: ssl.SSLContext | None = None
    port: int = 0
    heard: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._say(writer, "greeting")
            while line := (await reader.readline()).decode():
                self.heard.append(line.rstrip("\r\n"))
                await self._obey(line.strip(), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _obey(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb = line.split(" ")[0].upper()
        secure = writer.get_extra_info("ssl_object") is not None
        if verb == "EHLO" and "EHLO" not in self.answers:
            offers = [*self.offers, *(["STARTTLS"] if self.tls and not secure else [])]
            lines = ["mx.far.test", *offers]
            text = "".join(f"250{'-' if n < len(lines) - 1 else ' '}{word}\r\n" for n, word in enumerate(lines))
            writer.write(text.encode())
            return
        answer = await self._say(writer, line)
        if verb == "DATA" and answer.startswith("354"):
            await self._data(reader, writer)
        elif verb == "STARTTLS" and answer.startswith("220"):
            # Without a certificate the handshake never comes.
            await (writer.start_tls(self.tls) if self.tls else asyncio.sleep(60))
        elif verb == "QUIT":
            raise ConnectionError

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.answers.get("middle") == CLOSE:
            raise ConnectionError
        lines = []
        while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        self.messages.append(b"".join(lines))
        await self._say(writer, "end")

    async def _say(self, writer: asyncio.StreamWriter, moment: str) -> str:
        known = {**USUAL, **self.answers}
        key = max((key for key in known if moment.upper().startswith(key.upper())), key=len)
        match known[key]:
            case answer if answer == CLOSE:
                raise ConnectionError
            case answer if answer == SILENCE:
                await asyncio.sleep(60)
            case answer if answer == DRIP:
                while True:
                    writer.write(b"250-a\r\n")
                    await writer.drain()
                    await asyncio.sleep(0.02)
            case answer:
                writer.write(f"{answer}\r\n".encode())
        return known[key]


@asynccontextmanager
async def far(
    answers: Mapping[str, str] | None = None, offers: Sequence[str] = ALL, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Far]:
    """A running server."""
    there = Far(answers or {}, offers, tls)
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0, limit=1 << 20)
    there.port = server.sockets[0].getsockname()[1]
    try:
        yield there
    finally:
        server.close()
