# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import cast

import pytest

from ikserver.listeners.certificates import ensure
from ikserver.listeners.tcp import Listener, bind
from ikserver.listeners.tls import CertificateFiles
from tests.support import on_loop


class Greeter(asyncio.Protocol):
    """Says hello, and good-bye when its listener takes leave."""

    def __init__(self, clients: set[Greeter]) -> None:
        self._clients = clients

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._clients.add(self)
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast(asyncio.WriteTransport, transport)
        self.transport.write(b"hello\r\n")

    def leave(self) -> None:
        self.transport.write(b"bye\r\n")
        self.transport.close()


def _listener(clients: set[Greeter], tls: ssl.SSLContext | None = None) -> tuple[Listener, int]:
    sockets = bind("127.0.0.1", 0)

    async def farewell() -> None:
        for client in clients:
            client.leave()

    listener = Listener("greeter", sockets, lambda: Greeter(clients), tls=tls, farewell=farewell)
    return listener, int(sockets[0].getsockname()[1])


@on_loop
async def test_clients_are_greeted_and_take_leave_when_the_service_stops() -> None:
    listener, port = _listener(set())
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.readline() == b"hello\r\n"
    await listener.stop()
    assert await reader.read() == b"bye\r\n"
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
@on_loop
async def test_a_client_that_trusts_our_authority_speaks_tls_under_every_name(tmp_path: Path) -> None:
    material = ensure(tmp_path, ["mail.demo.test", "localhost", "127.0.0.1"])
    listener, port = _listener(set(), CertificateFiles(material.certificate, material.key).context)
    await listener.start()
    strict = ssl.create_default_context(cafile=str(material.authority))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    for name in "mail.demo.test", "localhost", "127.0.0.1":
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=strict, server_hostname=name)
        assert await reader.readline() == b"hello\r\n"
        writer.close()
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection("127.0.0.1", port, ssl=strict, server_hostname="other.test")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(material.authority)
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", port, ssl=old, server_hostname="localhost")
    await listener.stop()


def test_a_port_that_is_taken_is_named() -> None:
    (first,) = bind("127.0.0.1", 0)
    first.listen()
    port = first.getsockname()[1]
    with first, pytest.raises(OSError, match=f"cannot listen on 127.0.0.1 port {port}: "):
        bind("127.0.0.1", port)


def test_workers_share_a_port() -> None:
    (first,) = bind("127.0.0.1", 0, shared=True)
    (second,) = bind("127.0.0.1", first.getsockname()[1], shared=True)
    with first, second:
        first.listen()
        second.listen()
        assert first.getsockname() == second.getsockname()
