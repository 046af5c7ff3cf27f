# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays transcripts over real sockets: what a client says, and what it must hear.

    await ann.says('''
        C: a1 SELECT INBOX
        S: * 0 EXISTS
        S: ...
        S: a1 OK [READ-WRITE] ...
    ''')

Every line is one line of the wire. `...` inside a line stands for any text; `S: ...` by itself for any number of
lines, none too. `C:` lines that follow each other go out in one write. Octets above 127 are UTF-8.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import textwrap

SECONDS = 10.0


class Player:
    """A client that does what its transcripts say."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.heard: list[str] = []
        self._waiting = b""

    @classmethod
    async def connect(cls, host: str, port: int, tls: ssl.SSLContext | None = None) -> Player:
        """Connect, with TLS from the first octet where a context is given."""
        return cls(*await asyncio.open_connection(host, port, ssl=tls, server_hostname="localhost" if tls else None))

    async def says(self, script: str) -> list[str]:
        """Play a transcript; returns the lines that were heard. Fails at the first one that does not fit."""
        start = len(self.heard)
        lines = [line for line in textwrap.dedent(script).split("\n") if line.strip()]
        skipping = False
        for place, line in enumerate(lines):
            who, _, text = line.lstrip().partition(":")
            text = text[1:]
            if who == "C":
                following = place + 1 < len(lines) and lines[place + 1].lstrip().startswith("C:")
                self.sends(text.encode() + b"\r\n", flush=not following)
            elif text.strip() == "...":
                skipping = True
            else:
                await self._expects(text, skipping=skipping)
                skipping = False
        return self.heard[start:]

    def sends(self, data: bytes, *, flush: bool = True) -> None:
        """Send octets as they are; without `flush` they wait for the next ones."""
        self._waiting += data
        if flush:
            self._writer.write(self._waiting)
            self._waiting = b""

    async def hears(self) -> str:
        """The next line, without its end."""
        try:
            line = await asyncio.wait_for(self._reader.readline(), SECONDS)
        except TimeoutError:
            raise AssertionError(f"the server says nothing; heard so far: {self.heard[-10:]}") from None
        if not line:
            raise EOFError(f"the server hung up; heard so far: {self.heard[-10:]}")
        text = line.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
        self.heard.append(text)
        return text

    async def hears_octets(self, count: int) -> bytes:
        """Exactly so many octets, of a literal."""
        async with asyncio.timeout(SECONDS):
            return await self._reader.readexactly(count)

    async def hears_end(self) -> None:
        """The server hangs up, and says nothing before."""
        async with asyncio.timeout(SECONDS):
            rest = await self._reader.read()
        assert rest == b"", f"expected the end, heard {rest!r}"

    async def starts_tls(self, context: ssl.SSLContext) -> None:
        """The handshake after STARTTLS."""
        await self._writer.start_tls(context, server_hostname="localhost")

    async def hangs_up(self) -> None:
        """Close without a word."""
        self._writer.close()

    async def _expects(self, pattern: str, *, skipping: bool) -> None:
        expected = re.compile(".*".join(map(re.escape, pattern.split("..."))))
        seen = []
        while True:
            line = await self.hears()
            if expected.fullmatch(line):
                return
            seen.append(line)
            assert skipping, f"expected {pattern!r}, heard {line!r}"
            assert len(seen) < 100_000
