# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies are fetched from a real server, with a certificate that is looked at."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ikserver.listeners.certificates import Material, ensure
from ikserver.outbound.https import Https
from ikserver.outbound.routing import Routing
from protocols.smtp.mtasts import MAX_POLICY
from tests.outbound.zone import Zone
from tests.support import on_loop

ZONE = Zone(a_records={"mta-sts.far.test": ["192.0.2.1"], "mta-sts.other.test": ["192.0.2.1"]})
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nversion: STSv1\r\n"


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return ensure(tmp_path_factory.mktemp("tls"), ["mta-sts.far.test"])


@asynccontextmanager
async def serving(material: Material, answer: bytes) -> AsyncIterator[tuple[Https, list[bytes]]]:
    """A client that finds the server, and what the server heard."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        heard.append(head + (await reader.readexactly(int(length[1])) if length else b""))
        writer.write(answer)
        await writer.drain()
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(material.certificate, material.key)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    trusted = ssl.create_default_context(cafile=material.authority)
    yield Https(Routing(ZONE, "mail.example.org"), lambda *_: ("127.0.0.1", port), trusted), heard
    server.close()


@on_loop
async def test_a_policy_is_fetched(material: Material) -> None:
    async with serving(material, GOOD) as (https, heard):
        assert await https.policy("far.test") == b"version: STSv1\r\n"
        (request,) = heard
        assert request.startswith(b"GET /.well-known/mta-sts.txt HTTP/1.0\r\nHost: mta-sts.far.test\r\n")


@pytest.mark.parametrize(
    ("domain", "answer"),
    [
        ("other.test", GOOD),
        ("none.test", GOOD),
        ("far.test", b"HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.test/\r\nContent-Type: text/plain\r\n\r\n"),
        ("far.test", b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\n"),
        ("far.test", GOOD.replace(b"text/plain", b"text/html")),
        ("far.test", GOOD + b"x" * MAX_POLICY),
        ("far.test", b""),
        ("far.test", b"nonsense"),
    ],
    ids=["another name", "no address", "moved", "missing", "a page", "too long", "nothing", "nonsense"],
)
@on_loop
async def test_anything_else_is_no_policy(material: Material, domain: str, answer: bytes) -> None:
    async with serving(material, answer) as (https, _):
        with pytest.raises(OSError):  # noqa: PT011 - any of them
            await https.policy(domain)


@on_loop
async def test_a_report_is_brought(material: Material) -> None:
    async with serving(material, b"HTTP/1.1 201 Created\r\n\r\n") as (https, heard):
        await https.post("https://mta-sts.far.test/v1?x=y", b"octets", "application/tlsrpt+gzip")
        assert heard == [
            b"POST /v1?x=y HTTP/1.0\r\nHost: mta-sts.far.test\r\nContent-Type: application/tlsrpt+gzip\r\n"
            b"Content-Length: 6\r\n\r\noctets"
        ]


@pytest.mark.parametrize(
    "url",
    [
        "http://mta-sts.far.test/",
        "https://mta-sts.far.test:8443/",
        "https://mta-sts.far.test:port/",
        "https://mta-sts.far.test/ HTTP/1.1",
        "https://[::1/",
        "https:///",
        "https://mta-sts.other.test/",
        "https://mta-sts.none.test/",
        "tls@far.test",
    ],
)
@on_loop
async def test_a_report_is_brought_to_the_usual_port_of_a_server_with_a_good_certificate(
    material: Material, url: str
) -> None:
    """Who writes the URL is a stranger."""
    async with serving(material, b"HTTP/1.1 200 OK\r\n\r\n") as (https, heard):
        with pytest.raises(OSError):  # noqa: PT011 - any of them
            await https.post(url, b"octets", "application/tlsrpt+gzip")
        assert heard == []


@pytest.mark.parametrize("answer", [b"HTTP/1.1 500 Sorry\r\n\r\n", b"", b"nonsense", b"HTTP/1.1 302 Moved\r\n\r\n"])
@on_loop
async def test_a_report_that_is_not_taken_is_not_brought(material: Material, answer: bytes) -> None:
    async with serving(material, answer) as (https, _):
        with pytest.raises(OSError, match="the report was answered"):
            await https.post("https://mta-sts.far.test/", b"octets", "application/tlsrpt+gzip")
