# SPDX-License-Identifier: GPL-3.0-or-later
"""The PROXY protocol: who the client is, told by a load balancer that is believed."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import struct
from pathlib import Path

import pytest

from ikserver.smtp.submission import Submission
from tests.smtp.house import Client, House, house
from tests.support import on_loop

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
MESSAGE = b"Subject: x\r\n\r\nbody\r\n"


def version_2(source: str, family: int, command: int = 0x21, extra: bytes = b"") -> bytes:
    address = ipaddress.ip_address(source).packed
    data = address * 2 + struct.pack("!HH", 5000, 25) + extra
    return SIGNATURE + struct.pack("!BBH", command, family, len(data)) + data


async def connect(home: House, header: bytes) -> Client:
    client = Client(*await asyncio.open_connection("127.0.0.1", home.port))
    client.writer.write(header)
    return client


@pytest.mark.parametrize(
    ("header", "peer"),
    [
        (b"PROXY TCP4 192.0.2.7 192.0.2.1 5000 25\r\n", "[192.0.2.7]"),
        (b"PROXY TCP6 2001:db8::7 2001:db8::1 5000 25\r\n", "[IPv6:2001:db8::7]"),
        (b"PROXY UNKNOWN\r\n", "[127.0.0.1]"),
        (version_2("192.0.2.7", 0x11), "[192.0.2.7]"),
        (version_2("2001:db8::7", 0x21, extra=b"\x04\0\x01x"), "[IPv6:2001:db8::7]"),
        (version_2("192.0.2.7", 0x11, command=0x20), "[127.0.0.1]"),
    ],
    ids=lambda value: repr(value)[:30],
)
@on_loop
async def test_the_client_is_whom_the_proxy_names(tmp_path: Path, header: bytes, peer: str) -> None:
    async with house(tmp_path, proxies=["127.0.0.0/8"]) as home:
        client = await connect(home, header)
        assert (await client.reply()).startswith("220 ")
        await client.ask("EHLO far.test")
        assert (await client.deliver(MESSAGE)).startswith("250 ")
        assert f"from far.test ({peer})".encode() in (await home.inbox())[0]


@on_loop
async def test_what_follows_the_header_in_the_same_packet_is_not_lost(tmp_path: Path) -> None:
    async with house(tmp_path, proxies=["127.0.0.1"]) as home:
        client = await connect(home, version_2("192.0.2.7", 0x11) + b"NOOP\r\n")
        assert (await client.reply()).startswith("220 ")
        assert await client.reply() == "250 2.0.0 OK"


@on_loop
async def test_tls_begins_after_the_header(tmp_path: Path) -> None:
    async with house(tmp_path, role=Submission(), implicit_tls=True, proxies=["127.0.0.1"]) as home:
        client = await connect(home, b"PROXY TCP4 192.0.2.7 192.0.2.1 5000 465\r\n")
        await client.writer.start_tls(home.tls, server_hostname="mail.example.org")
        assert (await client.reply()).startswith("220 ")
        assert "250-AUTH" in await client.ask("EHLO laptop.test")


@pytest.mark.parametrize(
    "header",
    [
        b"EHLO far.test\r\n",
        b"PROXY TCP4 192.0.2.7\r\n",
        b"PROXY TCP4 192.0.2.700 192.0.2.1 5000 25\r\n",
        b"PROXY " + b"x" * 200 + b"\r\n",
        SIGNATURE + b"\x31\x11\0\x0c" + b"x" * 12,
        SIGNATURE + b"\x21\x31\0\x0c" + b"x" * 12,
        SIGNATURE + b"\x21\x11\0\x02xx",
    ],
    ids=lambda value: repr(value)[:30],
)
@on_loop
async def test_a_broken_header_ends_the_connection_without_a_word(tmp_path: Path, header: bytes) -> None:
    async with house(tmp_path, proxies=["127.0.0.1"]) as home:
        client = await connect(home, header)
        with contextlib.suppress(ConnectionResetError):
            assert await client.reader.read() == b""
        # The next one is served.
        assert (await (await connect(home, b"PROXY UNKNOWN\r\n")).reply()).startswith("220 ")


@on_loop
async def test_only_named_networks_are_believed(tmp_path: Path) -> None:
    async with house(tmp_path, proxies=["192.0.2.0/24"]) as home:
        client = await connect(home, b"PROXY TCP4 192.0.2.7 192.0.2.1 5000 25\r\n")
        assert (await client.reply()).startswith("220 ")
        assert (await client.reply()).startswith("500 5.5.2 ")


@on_loop
async def test_stopping_says_farewell_and_frees_the_port(tmp_path: Path) -> None:
    async with house(tmp_path, proxies=["127.0.0.1"]) as home:
        client = await connect(home, b"PROXY UNKNOWN\r\n")
        await client.reply()
        await home.listener.stop()
        assert (await client.reply()).startswith("421 4.3.2 ")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", home.port)
