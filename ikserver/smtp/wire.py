# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes over the connection: octets that came and wait to be read, replies that wait to be sent.

Replies are sent when there is nothing left to read: a pipelined group of commands is answered by one write.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ikserver.smtp.watch import Watch
from protocols.smtp.replies import BAD_OCTET, LINE_TOO_LONG, Refused

HIGH_WATER = 256 * 1024
LOW_WATER = 64 * 1024
MAX_LINE = 12_288
"""RFC 4954, 4: what AUTH may need. Other commands end at 2,048 (`Conversation.command_size_limit`)."""
MAX_REPLIES = 16 * 1024

_CONTROL = bytes(octet for octet in range(32) if octet not in b"\t\r\n") + b"\x7f"


class Wire:
    """Both directions of one connection; `attach` gives it another transport after STARTTLS."""

    def __init__(self, loop: asyncio.AbstractEventLoop, watch: Watch, *, bare_lf: bool) -> None:
        self._loop = loop
        self._watch = watch
        self._bare_lf = bare_lf
        self._transport: Any = None
        self._arrived = bytearray()
        self._replies: list[bytes] = []
        self._replies_size = 0
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._reading = True
        self._writable = True

    def attach(self, transport: Any) -> None:
        """Use this transport. What came over another one and was not read is forgotten (RFC 3207, 4.2)."""
        self._transport = transport
        self._arrived.clear()
        self._reading = True

    # Called by the transport's protocol

    def feed(self, data: bytes) -> None:
        self._arrived += data
        if self._reading and len(self._arrived) > HIGH_WATER:
            self._transport.pause_reading()
            self._reading = False
        self._wake()

    def end(self) -> None:
        """The client sends no more: whoever reads on is cancelled."""
        self._ended = True
        self._wake()

    def writable(self, writable: bool) -> None:
        self._writable = writable
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # Called by the conversation

    async def readuntil(self) -> bytes:
        """The next line with its line end. The name is asyncio's: aiosmtpd's command loop asks for it.

        Raises Refused, after the line was read, when it is too long or holds what no command may hold.
        """
        self._watch.awaits_command()
        searched, too_long = 0, False
        while (end := self._arrived.find(b"\n", searched)) < 0:
            if len(self._arrived) > MAX_LINE:
                self._arrived.clear()
                too_long = True
            searched = len(self._arrived)
            await self._wait()
        line = bytes(self._arrived[: end + 1])
        del self._arrived[: end + 1]
        self._resume()
        if self._replies_size > MAX_REPLIES or not self._writable:
            await self._drain()
        self._watch.works()
        if too_long or len(line) > MAX_LINE:
            raise Refused(LINE_TOO_LONG)
        return self._checked(line)

    async def some(self, most: int = HIGH_WATER) -> bytes:
        """What has arrived of a body, at least one octet and at most `most`."""
        self._watch.awaits_body()
        while not self._arrived:
            await self._wait()
        self._watch.works()
        data = bytes(self._arrived[:most])
        del self._arrived[:most]
        self._resume()
        return data

    def put_back(self, data: bytes) -> None:
        """These octets were not ours to read."""
        self._arrived[:0] = data

    def write(self, data: bytes) -> None:
        """Send this with the next flush."""
        self._replies.append(data)
        self._replies_size += len(data)

    def flush(self) -> None:
        if self._replies and not self._transport.is_closing():
            self._transport.write(b"".join(self._replies))
        self._replies.clear()
        self._replies_size = 0

    def close(self) -> None:
        """Send what waits, read nothing more, and close the connection."""
        self.flush()
        self._arrived.clear()
        self.end()
        self._transport.close()

    def _checked(self, line: bytes) -> bytes:
        body = line[:-2] if line.endswith(b"\r\n") else line
        if b"\r" in body or (b"\n" in body and not self._bare_lf) or body.translate(None, _CONTROL) != body:
            raise Refused(BAD_OCTET)
        return line

    def _resume(self) -> None:
        if not self._reading and len(self._arrived) < LOW_WATER and not self._transport.is_closing():
            self._transport.resume_reading()
            self._reading = True

    async def _wait(self) -> None:
        """Send what waits, then sleep until something happens."""
        self.flush()
        if self._ended:
            raise asyncio.CancelledError
        await self._sleep()

    async def _drain(self) -> None:
        """A client that sends and does not read what we answer is not served further."""
        self.flush()
        while not self._writable and not self._ended:
            await self._sleep()

    async def _sleep(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
