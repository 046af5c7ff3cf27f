# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that listens on TCP sockets and gives each connection to a protocol object."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence

from ikserver.aio import AsyncService

BACKLOG = 1024
HANDSHAKE_SECONDS = 30.0
Make = Callable[[], asyncio.BaseProtocol]
Farewell = Callable[[], Awaitable[None]]


async def under_tls(
    transport: asyncio.Transport, protocol: asyncio.Protocol, context: ssl.SSLContext | None, abort: Callable[[], None]
) -> asyncio.Transport:
    """The transport that takes the place of one in clear (STARTTLS). A handshake that fails calls `abort`.

    Raises ConnectionError.
    """
    if context is None:
        raise ConnectionError("TLS is not offered")
    try:
        secure = await asyncio.get_running_loop().start_tls(
            transport, protocol, context, server_side=True, ssl_handshake_timeout=HANDSHAKE_SECONDS
        )
    except OSError as error:
        abort()
        raise ConnectionError("the TLS handshake failed") from error
    if secure is None:
        raise ConnectionResetError
    return secure


def bind(host: str | None, port: int, *, shared: bool = False) -> list[socket.socket]:
    """Bound sockets that do not listen yet, so that root can bind and give up its rights before anything is served.

    Host None means every address, of IPv6 and IPv4. `shared` lets the workers of one server bind the same port and
    the kernel spreads the connections (SO_REUSEPORT). Raises OSError with the address in its text.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    bound: list[socket.socket] = []
    for family, kind, number, _, address in found:
        try:
            bound.append(_bind(socket.socket(family, kind, number), address, shared))
        except OSError as error:
            # A machine without IPv6 still serves IPv4.
            if host is None and family == socket.AF_INET6 and len(found) > 1:
                continue
            for other in bound:
                other.close()
            raise OSError(error.errno, f"cannot listen on {host or '*'} port {port}: {error.strerror}") from error
    return bound


def _bind(listening: socket.socket, address: tuple[object, ...], shared: bool) -> socket.socket:
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if listening.family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.setblocking(False)
        listening.bind(address)
    except OSError:
        listening.close()
        raise
    return listening


class Listener(AsyncService):
    """Listens while the service runs. `make` builds the protocol of one connection.

    With `tls` the handshake comes first (implicit TLS). `farewell` is awaited when the service stops, after the last
    connection was accepted: it takes leave of the clients that are still there.
    """

    def __init__(
        self,
        name: str,
        sockets: Sequence[socket.socket],
        make: Make,
        *,
        tls: ssl.SSLContext | None = None,
        farewell: Farewell | None = None,
    ) -> None:
        super().__init__(name)
        self._sockets, self._make, self._tls, self._farewell = sockets, make, tls, farewell
        self._servers: list[asyncio.Server] = []

    async def start(self) -> None:
        """Returns when connections are accepted."""
        loop = asyncio.get_running_loop()
        handshake = HANDSHAKE_SECONDS if self._tls else None
        for listening in self._sockets:
            self._servers.append(
                await loop.create_server(
                    self._make, sock=listening, backlog=BACKLOG, ssl=self._tls, ssl_handshake_timeout=handshake
                )
            )

    async def stop(self) -> None:
        """Returns when nothing is accepted any more and the farewell is said."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        if self._farewell is not None:
            await self._farewell()
