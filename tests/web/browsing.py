# SPDX-License-Identifier: GPL-3.0-or-later
"""A site on real sockets, and a client that says exactly what it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ikserver.listeners.http import HttpListener
from ikserver.listeners.limits import ConnectionLimits
from ikserver.listeners.proxy import Network
from ikserver.listeners.tcp import bind
from ikserver.web.exchange import Route
from ikserver.web.site import Pages


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer; names of headers are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Browser:
    """Connects to a site. `trusted` verifies its certificate; None: it has none."""

    port: int
    trusted: ssl.SSLContext | None = None
    first: bytes = b""
    """What a proxy says before the client."""

    async def connect(self, host: str = "localhost") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        name = host if self.trusted else None
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=self.trusted, server_hostname=name)
        writer.write(self.first)
        return reader, writer

    async def says(self, octets: bytes, host: str = "localhost") -> Seen:
        """One request as it stands; the connection ends with its answer."""
        reader, writer = await self.connect(host)
        writer.write(octets)
        answer = await read_answer(reader, head=octets.startswith(b"HEAD"))
        writer.close()
        return answer

    async def asks(
        self, path: str, host: str = "localhost", method: str = "GET", body: str = "", **fields: str
    ) -> Seen:
        """`fields` are header fields, with _ for -."""
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {host}",
            *(f"{k.replace('_', '-')}: {v}" for k, v in fields.items()),
        ]
        if body:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return await self.says("\r\n".join([*lines, "", body]).encode(), host)


async def read_answer(reader: asyncio.StreamReader, *, head: bool = False) -> Seen:
    """The next answer of a connection."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    length = 0 if head else int(headers.get("content-length", 0))
    return Seen(int(first.split()[1]), headers, await reader.readexactly(length))


@asynccontextmanager
async def site(
    routes: Sequence[Route],
    *,
    tls: ssl.SSLContext | None = None,
    trusted: ssl.SSLContext | None = None,
    per_client: int = 100,
    proxies: Sequence[Network] = (),
    url: str = "https://mail.a.test",
) -> AsyncIterator[Browser]:
    """Serve the routes as long as the `with`."""
    (listening,) = bind("127.0.0.1", 0)
    port = listening.getsockname()[1]
    pages = Pages(routes, url)
    limits = ConnectionLimits(per_client, per_client)
    listener = HttpListener(
        [listening], site=pages.site(), tls=tls, connections=limits, farewell=pages.finish, proxies=proxies
    )
    await listener.start()
    try:
        yield Browser(port, trusted)
    finally:
        await listener.stop()
