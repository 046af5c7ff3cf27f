# SPDX-License-Identifier: GPL-3.0-or-later
"""ManageSieve over sockets, with STARTTLS. The conversation is ikserver.managesieve's."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from typing import cast

from ikserver.listeners.limits import ConnectionLimits
from ikserver.listeners.tcp import Listener, under_tls
from ikserver.managesieve.backend import Backend, ManageSieveLimits
from ikserver.managesieve.conversation import Conversation

HOLD_OCTETS = 256 * 1024
"""What a client may send ahead before we stop to read."""
FAREWELL_SECONDS = 2.0
PATIENCE_SECONDS = 60.0
"""After this time a client that was told good-bye, and does not read that, is cut off."""


class ManageSieveListener(Listener):
    """Serves ManageSieve on bound sockets (see `tcp.bind`).

    `tls` is offered by STARTTLS. `plaintext_login` lets clients on this machine send their password without TLS.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        *,
        tls: ssl.SSLContext | None,
        plaintext_login: bool = False,
        backend: Backend,
        limits: ManageSieveLimits,
    ) -> None:
        super().__init__("managesieve", sockets, lambda: Connection(self), farewell=self._say_goodbye)
        self.tls, self.plaintext_login = tls, plaintext_login
        self.backend, self.limits = backend, limits
        self.admission = ConnectionLimits(limits.connections, limits.connections_per_client)
        self.connections: set[Connection] = set()

    async def _say_goodbye(self) -> None:
        for connection in tuple(self.connections):
            connection.conversation.end("the server is shutting down")
        deadline = asyncio.get_running_loop().time() + FAREWELL_SECONDS
        while self.connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        for connection in tuple(self.connections):
            connection.abort()


class Connection(asyncio.Protocol):
    """One socket: the `Wire` of its conversation."""

    conversation: Conversation
    _task: asyncio.Task[None]
    _transport: asyncio.Transport

    def __init__(self, listener: ManageSieveListener) -> None:
        self._listener = listener
        self._arrived = bytearray()
        self._closing = self._held = self.encrypted = False
        self._something = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._cut_off: asyncio.TimerHandle | None = None
        self.peer = ""

    # asyncio.Protocol
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        listener = self._listener
        self._transport = cast(asyncio.Transport, transport)
        self.peer = str(transport.get_extra_info("peername")[0])
        plaintext = listener.plaintext_login and ipaddress.ip_address(self.peer.partition("%")[0]).is_loopback
        self.conversation = Conversation(self, listener.backend, listener.limits, plaintext_login=plaintext)
        if not listener.admission.admit(self.peer):
            self.conversation.end("too many connections")
            return
        listener.connections.add(self)
        self._task = asyncio.get_running_loop().create_task(self.conversation.run())

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        self._something.set()
        if len(self._arrived) > HOLD_OCTETS and not self._held:
            self._held = True
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wake_for_good()
        if self._cut_off is not None:
            self._cut_off.cancel()
        if self in self._listener.connections:
            self._listener.connections.remove(self)
            self._listener.admission.release(self.peer)

    # Wire
    @property
    def tls_offered(self) -> bool:
        return self._listener.tls is not None and not self.encrypted

    def write(self, data: bytes) -> None:
        if not self._closing:
            self._transport.write(data)

    async def drain(self) -> None:
        await self._writable.wait()
        if self._closing:
            raise ConnectionResetError

    async def read(self) -> bytes:
        await self._something.wait()
        if self._closing:
            raise ConnectionResetError
        data = bytes(self._arrived)
        self._arrived.clear()
        self._something.clear()
        if self._held:
            self._held = False
            self._transport.resume_reading()
        return data

    def arrived(self) -> bool:
        return bool(self._arrived)

    async def start_tls(self) -> None:
        self._transport = await under_tls(self._transport, self, self._listener.tls, self.abort)
        self.encrypted = True

    def close(self) -> None:
        self._wake_for_good()
        if not self._transport.is_closing():
            self._transport.close()
            self._cut_off = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._transport.abort)

    # For the listener
    def abort(self) -> None:
        """Close without sending what waits."""
        self._wake_for_good()
        self._transport.abort()

    def _wake_for_good(self) -> None:
        self._closing = True
        self._something.set()
        self._writable.set()
