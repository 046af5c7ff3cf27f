# SPDX-License-Identifier: GPL-3.0-or-later
"""The octets of one connection to another server, each wait with its limit."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from protocols.smtp.client import Answer, BadAnswer, is_last, parse_answer

T = TypeVar("T")
MAX_LINE = 8 * 1024
MAX_LINES = 200


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds (RFC 5321, 4.5.3.2), but for `connect`: hosts that are there answer sooner than after five minutes."""

    connect: float = 30.0
    greeting: float = 300.0
    command: float = 300.0
    data: float = 120.0
    block: float = 180.0
    end: float = 600.0
    quit: float = 2.0


class WireBroken(Exception):
    """The connection is of no use any more; the text says why."""


class Wire:
    """Reads answers and writes octets. Raises WireBroken."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._clear: asyncio.StreamWriter | None = None
        self.local = str(writer.get_extra_info("sockname", ("",))[0])
        """Our IP address."""

    @classmethod
    async def connect(cls, host: str, port: int, seconds: float) -> Wire:
        """Raises WireBroken."""
        return cls(*await _within(seconds, asyncio.open_connection(host, port, limit=MAX_LINE)))

    async def answer(self, seconds: float) -> Answer:
        """The next reply, the whole of it: an octet now and then does not help."""
        lines = await _within(seconds, self._reply())
        try:
            return parse_answer(lines)
        except BadAnswer as error:
            raise WireBroken(str(error)) from error

    async def _reply(self) -> list[bytes]:
        lines: list[bytes] = []
        while not lines or not is_last(lines[-1]):
            if len(lines) == MAX_LINES:
                raise WireBroken("a reply without an end")
            lines.append(await self._reader.readuntil(b"\n"))
        return lines

    def write(self, data: bytes) -> None:
        """Buffer octets; `flush` waits until they are on their way."""
        self._writer.write(data)

    async def flush(self, seconds: float) -> None:
        await _within(seconds, self._writer.drain())

    async def start_tls(self, context: ssl.SSLContext, name: str, seconds: float) -> ssl.SSLObject:
        """The handshake. What was read before it is forgotten: it may be anybody's (RFC 3207, 4.2)."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=MAX_LINE)
        protocol = asyncio.StreamReaderProtocol(reader)
        handshake = loop.start_tls(self._writer.transport, protocol, context, server_hostname=name)
        transport = await _within(seconds, handshake)
        if transport is None:
            raise WireBroken("the connection was closed during the TLS handshake")
        protocol.connection_made(transport)
        # A writer that nobody holds closes its transport, which is the one below TLS.
        self._clear = self._writer
        self._reader, self._writer = reader, asyncio.StreamWriter(transport, protocol, reader, loop)
        return cast(ssl.SSLObject, transport.get_extra_info("ssl_object"))

    def close(self) -> None:
        """At once, whatever was buffered."""
        self._writer.transport.abort()


async def _within(seconds: float, step: Coroutine[Any, Any, T]) -> T:
    try:
        return await asyncio.wait_for(step, seconds)
    except TimeoutError as error:
        raise WireBroken(f"it took more than {seconds:g} seconds") from error
    except asyncio.LimitOverrunError as error:
        raise WireBroken("a line of a reply is too long") from error
    except (EOFError, OSError) as error:
        raise WireBroken(_reason(error)) from error
    except ValueError as error:
        # A host name that TLS has no form for.
        raise WireBroken(str(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or error}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "the connection was closed"
