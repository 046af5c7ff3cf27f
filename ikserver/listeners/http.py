# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP on sockets: Twisted's HTTP on the transports, certificates and limits that the other services have."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable, Sequence
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IPushProducer, ITransport
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.web.server import Site
from zope.interface import implementer

from ikserver.listeners.limits import ConnectionLimits
from ikserver.listeners.proxy import Network, ProxiedListener
from ikserver.listeners.tcp import Farewell

Address = IPv4Address | IPv6Address


class HttpListener(ProxiedListener):
    """A site on some sockets (see tcp.bind), with TLS from the first octet where `tls` is given.

    Connections from `proxies` begin with a PROXY header. `farewell` is awaited before connections are closed.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        *,
        site: Site,
        tls: ssl.SSLContext | None,
        connections: ConnectionLimits,
        farewell: Farewell,
        proxies: Sequence[Network] = (),
    ) -> None:
        super().__init__(
            "https" if tls else "http",
            sockets,
            self._converse,
            tls=tls,
            farewell=self._take_leave,
            proxies=proxies,
        )
        self._site = site
        self._connections = connections
        self._finished = farewell
        self._open: set[HttpConnection] = set()

    def _converse(self, peer: str | None) -> HttpConnection:
        return HttpConnection(self, peer)

    def opened(self, connection: HttpConnection, address: Address) -> Protocol | None:
        """The protocol of a new connection; None when there are too many."""
        if not self._connections.admit(address.host):
            return None
        self._open.add(connection)
        protocol: Protocol = self._site.buildProtocol(address)  # type: ignore[no-untyped-call]
        return protocol

    def ended(self, connection: HttpConnection, address: Address) -> None:
        """Told once of each connection that has a protocol."""
        self._open.discard(connection)
        self._connections.release(address.host)

    async def _take_leave(self) -> None:
        await self._finished()
        for connection in list(self._open):
            connection.close()


class HttpConnection(asyncio.Protocol):
    """Between an asyncio transport and a Twisted protocol."""

    def __init__(self, listener: HttpListener, peer: str | None) -> None:
        self._listener = listener
        self._named = peer
        self._peer: Address = IPv4Address("TCP", "", 0)
        self._transport: BridgedTransport | None = None
        self._protocol: Protocol | None = None

    def connection_made(self, transport: Any) -> None:
        self._peer = _address(transport.get_extra_info("peername"), self._named)
        self._protocol = self._listener.opened(self, self._peer)
        if self._protocol is None:
            transport.abort()
            return
        self._transport = BridgedTransport(transport, self._peer)
        self._protocol.makeConnection(self._transport)  # type: ignore[no-untyped-call]

    def data_received(self, data: bytes) -> None:
        if self._protocol is not None:
            self._protocol.dataReceived(data)

    def pause_writing(self) -> None:
        if self._transport is not None and self._transport.producer is not None:
            self._transport.producer.pauseProducing()

    def resume_writing(self) -> None:
        if self._transport is not None and self._transport.producer is not None:
            self._transport.producer.resumeProducing()

    def connection_lost(self, error: Exception | None) -> None:
        if self._protocol is not None:
            self._listener.ended(self, self._peer)
            reason = Failure(ConnectionLost() if error else ConnectionDone())  # type: ignore[no-untyped-call]
            self._protocol.connectionLost(reason)
            self._protocol = None

    def close(self) -> None:
        """What is written is still sent."""
        if self._transport is not None:
            self._transport.loseConnection()


@implementer(ITransport, IPushProducer)
class BridgedTransport:
    """An asyncio transport as Twisted knows one. The names are Twisted's."""

    def __init__(self, transport: asyncio.Transport, peer: Address) -> None:
        self._transport = transport
        self._peer = peer
        self.producer: Any = None
        self.secure = transport.get_extra_info("ssl_object") is not None

    @property
    def disconnecting(self) -> bool:
        """Nothing more is read: the connection is being closed."""
        return self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Send octets, unless the client is gone."""
        if not self.disconnecting:
            self._transport.write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Send them all."""
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        """Close when all is sent."""
        self._transport.close()

    def abortConnection(self) -> None:
        """Close now."""
        self._transport.abort()

    def getPeer(self) -> Address:
        """The client."""
        return self._peer

    def getHost(self) -> Address:
        """Our end."""
        return _address(self._transport.get_extra_info("sockname"), None)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Who writes, and stops for a while when the client does not keep up."""
        self.producer = producer

    def unregisterProducer(self) -> None:
        """Nobody writes any more."""
        self.producer = None

    def pauseProducing(self) -> None:
        """Read nothing for a while."""
        if not self.disconnecting:
            self._transport.pause_reading()

    def resumeProducing(self) -> None:
        """Read again."""
        if not self.disconnecting:
            self._transport.resume_reading()

    def stopProducing(self) -> None:
        """Read nothing any more."""
        self._transport.close()


def _address(name: Any, host: str | None) -> Address:
    """`name` is what a socket says of an end, None when that is gone already."""
    host = host or (name[0] if name else "")
    port = name[1] if name else 0
    return (IPv6Address if ":" in host else IPv4Address)("TCP", host, port)
