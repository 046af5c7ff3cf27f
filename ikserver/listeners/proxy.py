# SPDX-License-Identifier: GPL-3.0-or-later
"""The PROXY protocol, versions 1 and 2: a load balancer tells whom it speaks for, before the first octet of the client.

It is not an RFC; HAProxy's proxy-protocol.txt describes it. Only named networks are believed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import struct
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from ikserver.listeners.tcp import BACKLOG, HANDSHAKE_SECONDS, Farewell, Listener

logger = logging.getLogger("ikserver.listeners")

HEADER_SECONDS = 5.0
PAUSE_SECONDS = 0.2
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
MAX_LINE = 107
Network = IPv4Network | IPv6Network
Make = Callable[[str | None], asyncio.BaseProtocol]


class BadProxyHeader(Exception):
    """The header is missing, broken or late."""


def networks(names: Sequence[str]) -> list[Network]:
    """Raises ValueError."""
    return [ip_network(name) for name in names]


class ProxiedListener(Listener):
    """A Listener whose connections from `proxies` begin with a PROXY header.

    `make` gets the client's address, None when it is the socket's peer.
    """

    def __init__(
        self,
        name: str,
        sockets: Sequence[socket.socket],
        make: Make,
        *,
        tls: ssl.SSLContext | None,
        farewell: Farewell,
        proxies: Sequence[Network],
    ) -> None:
        super().__init__(name, sockets, lambda: make(None), tls=tls, farewell=farewell)
        self._make_for = make
        self._proxies = proxies
        self._accepting: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Returns when connections are accepted."""
        if not self._proxies:
            await super().start()
            return
        loop = asyncio.get_running_loop()
        for listening in self._sockets:
            listening.listen(BACKLOG)
            accepting = accept_proxied(listening, self._make_for, self._proxies, self._tls)
            self._accepting.append(loop.create_task(accepting))

    async def stop(self) -> None:
        """Returns when nothing is accepted any more and the farewell is said."""
        for task in self._accepting:
            task.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        if self._proxies:
            for listening in self._sockets:
                listening.close()
        await super().stop()


async def accept_proxied(
    listening: socket.socket, make: Make, believed: Sequence[Network], tls: ssl.SSLContext | None
) -> None:
    """Accept connections until cancelled. `make` gets the client's address, None when it is the socket's peer."""
    loop = asyncio.get_running_loop()
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            try:
                connection, address = await loop.sock_accept(listening)
            except OSError as error:
                # Out of file descriptors: some will be free again.
                logger.error("accept-failed", extra={"fields": {"reason": error.strerror}})
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            connection.setblocking(False)
            proxied = any(ip_address(address[0]) in network for network in believed)
            task = loop.create_task(_welcome(connection, make, proxied, tls))
            running.add(task)
            task.add_done_callback(running.discard)
    finally:
        for task in running:
            task.cancel()


async def _welcome(connection: socket.socket, make: Make, proxied: bool, tls: ssl.SSLContext | None) -> None:
    loop = asyncio.get_running_loop()
    try:
        client = None
        if proxied:
            client = await asyncio.wait_for(read_header(connection), HEADER_SECONDS)
        handshake = HANDSHAKE_SECONDS if tls else None
        await loop.connect_accepted_socket(lambda: make(client), connection, ssl=tls, ssl_handshake_timeout=handshake)
    except (BadProxyHeader, OSError, TimeoutError) as error:
        logger.info("proxy-refused", extra={"fields": {"reason": str(error) or type(error).__name__}})
        with contextlib.suppress(OSError):
            connection.close()


async def read_header(connection: socket.socket) -> str | None:
    """Read exactly the header and no octet of the client, which may begin with TLS.

    Returns the client's address, or None when the proxy speaks for itself. Raises BadProxyHeader.
    """
    start = await _exactly(connection, len(SIGNATURE))
    if start == SIGNATURE:
        version, family, length = struct.unpack("!BBH", await _exactly(connection, 4))
        return _binary(version, family, await _exactly(connection, length))
    if not start.startswith(b"PROXY "):
        raise BadProxyHeader("no PROXY header")
    while not start.endswith(b"\r\n"):
        if len(start) >= MAX_LINE:
            raise BadProxyHeader("the PROXY line is too long")
        start += await _exactly(connection, 1)
    return _text(start)


def _text(line: bytes) -> str | None:
    """Version 1: `PROXY TCP4 192.0.2.1 192.0.2.2 5000 25`."""
    words = line.decode("ascii", "replace").split()
    if words[1:2] == ["UNKNOWN"]:
        return None
    if len(words) != 6 or words[1] not in ("TCP4", "TCP6"):
        raise BadProxyHeader("the PROXY line cannot be read")
    return _address(words[2])


def _binary(version: int, family: int, data: bytes) -> str | None:
    """Version 2: the address is the first thing in `data`."""
    if version >> 4 != 2 or version & 15 not in (0, 1):
        raise BadProxyHeader("unknown version or command")
    if version & 15 == 0:
        return None
    size = {0x11: 4, 0x21: 16}.get(family)
    if size is None or len(data) < 2 * size + 4:
        raise BadProxyHeader("not TCP over IPv4 or IPv6")
    return _address(data[:size])


def _address(value: str | bytes) -> str:
    try:
        return str(ip_address(value))
    except ValueError as error:
        raise BadProxyHeader("not an IP address") from error


async def _exactly(connection: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    data = b""
    while len(data) < size:
        more = await loop.sock_recv(connection, size - len(data))
        if not more:
            raise BadProxyHeader("closed before its PROXY header")
        data += more
    return data
