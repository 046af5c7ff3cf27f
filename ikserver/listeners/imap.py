# SPDX-License-Identifier: GPL-3.0-or-later
"""IMAP over sockets: plain with STARTTLS, or TLS from the first octet. The conversation is ikserver.imap's.

uvloop sets TCP_NODELAY on what it accepts, so the end of an answer never waits for an acknowledgement.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from typing import cast

from ikserver.imap.backend import Backend, ImapLimits
from ikserver.imap.conversation import Conversation
from ikserver.imap.guests import Guests
from ikserver.listeners.deflate import Deflate
from ikserver.listeners.limits import ConnectionLimits
from ikserver.listeners.tcp import Listener, under_tls

LOOK_SECONDS = 5.0
"""How often all connections are asked whether their time is up: one timer for all of them."""
PATIENCE = 12
"""After so many looks a client that was told good-bye, and does not read that, is cut off."""
FAREWELL_SECONDS = 2.0
WRITE_HIGH = 256 * 1024


class ImapListener(Listener):
    """Serves IMAP on bound sockets (see `tcp.bind`).

    With `implicit_tls` the handshake comes first, otherwise `tls` is offered by STARTTLS. `plaintext_login` lets
    clients on this machine send their password without TLS. `guests` counts sessions for several listeners.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        *,
        tls: ssl.SSLContext | None,
        implicit_tls: bool = False,
        plaintext_login: bool = False,
        backend: Backend,
        limits: ImapLimits,
        guests: Guests | None = None,
    ) -> None:
        super().__init__(
            "imaps" if implicit_tls else "imap",
            sockets,
            lambda: Connection(self),
            tls=tls if implicit_tls else None,
            farewell=self._say_goodbye,
        )
        self.tls = tls
        self.plaintext_login = plaintext_login
        self.backend, self.limits = backend, limits
        self.guests = guests or Guests(limits.connections_per_account)
        self.admission = ConnectionLimits(limits.connections, limits.connections_per_client)
        self.connections: set[Connection] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Returns when connections are accepted."""
        await super().start()
        self._look()

    def _look(self) -> None:
        for connection in tuple(self.connections):
            connection.look()
        self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    async def _say_goodbye(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for connection in tuple(self.connections):
            connection.conversation.end("the server is shutting down")
        deadline = asyncio.get_running_loop().time() + FAREWELL_SECONDS
        while self.connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        for connection in tuple(self.connections):
            connection.abort()


class Connection(asyncio.Protocol):
    """One socket: the `Wire` of its conversation."""

    __slots__ = (
        "_caught_up",
        "_closing",
        "_deflate",
        "_held",
        "_listener",
        "_patience",
        "_transport",
        "conversation",
        "encrypted",
        "peer",
        "received",
        "sent",
    )

    conversation: Conversation
    _transport: asyncio.Transport

    def __init__(self, listener: ImapListener) -> None:
        self._listener = listener
        self._caught_up: asyncio.Future[None] | None = None
        self._deflate: Deflate | None = None
        self._closing = self._held = self.encrypted = False
        self.received = self.sent = 0
        self._patience = PATIENCE
        self.peer = ""

    # asyncio.Protocol
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        listener = self._listener
        self._take(cast(asyncio.Transport, transport))
        self.encrypted = transport.get_extra_info("ssl_object") is not None
        self.peer = str(transport.get_extra_info("peername")[0])
        plaintext = listener.plaintext_login and ipaddress.ip_address(self.peer.partition("%")[0]).is_loopback
        self.conversation = Conversation(
            self, listener.backend, listener.limits, listener.guests, plaintext_login=plaintext
        )
        if not listener.admission.admit(self.peer):
            self.conversation.end("too many connections")
            return
        listener.connections.add(self)
        self.conversation.begin()

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        if self._deflate is None:
            self.conversation.received(data)
        else:
            self._inflate(data)

    def pause_writing(self) -> None:
        self._caught_up = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._caught_up is not None and not self._caught_up.done():
            self._caught_up.set_result(None)
        self._caught_up = None
        self.conversation.writable()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        if self._caught_up is not None and not self._caught_up.done():
            self._caught_up.cancel()
        if self in self._listener.connections:
            self._listener.connections.remove(self)
            self._listener.admission.release(self.peer)
        self.conversation.lost(self.received, self.sent)

    # Wire
    @property
    def tls_offered(self) -> bool:
        return self._listener.tls is not None and not self.encrypted

    @property
    def compressed(self) -> bool:
        return self._deflate is not None

    @property
    def behind(self) -> bool:
        return self._caught_up is not None

    def write(self, data: bytes) -> None:
        if not self._closing:
            if self._deflate is not None:
                data = self._deflate.shrink(data)
            self.sent += len(data)
            self._transport.write(data)

    async def drain(self) -> None:
        if self._caught_up is not None:
            await self._caught_up
        if self._closing:
            raise ConnectionResetError

    def hold(self) -> None:
        if not self._held and not self._closing:
            self._held = True
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._held and not self._closing:
            self._held = False
            self._transport.resume_reading()
            if self._deflate is not None:
                self._inflate(b"")

    async def start_tls(self) -> None:
        self._take(await under_tls(self._transport, self, self._listener.tls, self.abort))
        self.encrypted = True

    def compress(self, leftover: bytes) -> None:
        self._deflate = Deflate()
        if leftover:
            self._inflate(leftover)

    def close(self) -> None:
        self._closing = True
        self._transport.close()

    # For the listener
    def look(self) -> None:
        """Called every few seconds."""
        if not self._closing:
            self.conversation.look()
        elif self._patience:
            self._patience -= 1
        else:
            self.abort()

    def abort(self) -> None:
        """Close without sending what waits."""
        self._closing = True
        self._transport.abort()

    def _take(self, transport: asyncio.Transport) -> None:
        transport.set_write_buffer_limits(WRITE_HIGH)
        self._transport = transport

    def _inflate(self, data: bytes) -> None:
        """A few octets can hold many: each piece waits until the client may be read."""
        deflate = self._deflate
        if deflate is None:
            return
        deflate.take(data)
        while not self._held and not self._closing:
            try:
                piece = deflate.grow()
            except ValueError:
                self.conversation.end("what was received is no DEFLATE stream")
                return
            if not piece:
                return
            self.conversation.received(piece)
