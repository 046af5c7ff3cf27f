# SPDX-License-Identifier: GPL-3.0-or-later
"""What every page gets from the site, and what clients that misbehave get."""

from __future__ import annotations

import asyncio
import logging
import ssl
from ipaddress import ip_network
from pathlib import Path

import pytest

from ikserver.listeners.certificates import ensure
from ikserver.web import channel
from ikserver.web.exchange import TEXT, Answer, Asked, Route
from tests.support import on_loop
from tests.web.browsing import read_answer, site


async def echo(asked: Asked) -> Answer:
    text = f"{asked.method} {asked.host} {asked.parts} {asked.query} {asked.form} {asked.own_form}"
    return Answer(200, text.encode(), TEXT)


async def fail(asked: Asked) -> Answer:
    raise RuntimeError("secret")


async def slow(asked: Asked) -> Answer:
    await asyncio.sleep(0.3)
    return Answer(200, b"done", TEXT)


ROUTES = [
    Route("/echo/<word>", echo, ("GET", "HEAD", "POST")),
    Route("/fail", fail),
    Route("/slow", slow),
]


@on_loop
async def test_a_page_gets_what_was_asked() -> None:
    async with site(ROUTES) as browser:
        seen = await browser.asks("/echo/one?a=1&a=2&b=%C3%A9", host="Mail.A.test:8080")
        assert seen.text == "GET mail.a.test {'word': 'one'} {'a': '1', 'b': 'é'} {} True"
        seen = await browser.asks("/echo/two", method="POST", body="answer=yes")
        assert seen.text == "POST localhost {'word': 'two'} {} {'answer': 'yes'} True"


@on_loop
async def test_every_answer_forbids_what_pages_do_not_need() -> None:
    async with site(ROUTES) as browser:
        for path in ("/echo/one", "/fail", "/nothing"):
            headers = (await browser.asks(path)).headers
            assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cache-control"] == "no-store"
            assert headers["server"] == "ikserver"
            assert "strict-transport-security" not in headers


@on_loop
async def test_head_has_no_body() -> None:
    async with site(ROUTES) as browser:
        seen = await browser.asks("/echo/one", method="HEAD")
        assert (seen.status, seen.body) == (200, b"")
        assert int(seen.headers["content-length"]) > 0


@on_loop
async def test_what_is_not_there_or_not_possible_is_said_briefly() -> None:
    async with site(ROUTES) as browser:
        for path, method, status in (
            ("/nothing", "GET", 404),
            ("/fail", "POST", 405),
            ("/echo/../fail", "GET", 404),
            ("/echo/a/", "GET", 404),
        ):
            seen = await browser.asks(path, method=method)
            assert (seen.status, seen.headers["content-type"]) == (status, TEXT)
            assert seen.headers.get("allow") == ("GET, HEAD" if status == 405 else None)


@on_loop
async def test_a_page_that_fails_shows_nothing_of_its_inside(caplog: pytest.LogCaptureFixture) -> None:
    async with site(ROUTES) as browser:
        seen = await browser.asks("/fail")
        assert (seen.status, seen.text) == (500, "Something failed here; the log says what.\n")
    assert "page-failed" in caplog.messages


@on_loop
async def test_the_log_has_a_line_a_request_and_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ikserver.web")
    async with site(ROUTES) as browser:
        await browser.asks("/echo/secret?word=secret")
    (record,) = [record for record in caplog.records if record.message == "request"]
    fields = record.__dict__["fields"]
    assert fields.pop("milliseconds") >= 0
    assert fields == {
        "method": "GET",
        "page": "/echo/<word>",
        "host": "localhost",
        "status": 200,
        "client": "127.0.0.1",
    }


@pytest.mark.parametrize(
    "request_octets",
    [
        b"POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n",
        b"POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + bytes(1_000_000),
        b"POST /echo/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"8000\r\n%b\r\n" % bytes(32768) * 3,
        b"POST /echo/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"8000\r\n%b\r\n" % bytes(32768) * 3
        + b"0\r\n\r\n",
    ],
    ids=["told", "sent", "in chunks", "in chunks to the end"],
)
@on_loop
async def test_a_body_that_is_too_large_is_refused_before_it_is_there(request_octets: bytes) -> None:
    async with site(ROUTES) as browser:
        assert (await browser.says(request_octets)).status == 413


@pytest.mark.parametrize(
    "octets",
    [
        b"nonsense\r\n\r\n",
        b"GET /echo/a HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n",
        b"GET /echo/a HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /echo/a HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n",
        b"POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /echo/\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /echo/a HTTP/1.1\r\nHost: \xff\r\n\r\n",
    ],
    ids=["nonsense", "no colon", "long line", "many fields", "two lengths", "length and chunks", "octets", "host"],
)
@on_loop
async def test_what_is_not_http_is_refused(octets: bytes) -> None:
    async with site(ROUTES) as browser:
        reader, writer = await browser.connect()
        writer.write(octets)
        first = await reader.readline()
        assert first.split()[1:2] in ([b"400"], [])
        writer.close()


@on_loop
async def test_octets_that_trickle_in_buy_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ikserver.web.site.REQUEST_SECONDS", 0.5)
    async with site(ROUTES) as browser:
        reader, writer = await browser.connect()
        for octet in b"GET /echo/a HTTP/1.1":
            writer.write(bytes([octet]))
            await asyncio.sleep(0.1)
            if reader.at_eof():
                break
        assert reader.at_eof()


@on_loop
async def test_a_connection_serves_one_request_after_the_other() -> None:
    async with site(ROUTES) as browser:
        reader, writer = await browser.connect()
        writer.write(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /echo/b HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await read_answer(reader)).text == "done"
        assert (await read_answer(reader)).text.startswith("GET a {'word': 'b'}")
        writer.close()


@on_loop
async def test_one_client_has_so_many_connections_and_no_more() -> None:
    async with site(ROUTES, per_client=2) as browser:
        held = [await browser.connect() for _ in range(2)]
        await asyncio.sleep(0.05)
        reader, _ = await browser.connect()
        assert await reader.read() == b""
        held[0][1].close()
        await asyncio.sleep(0.05)
        assert (await browser.asks("/echo/a")).status == 200


@on_loop
async def test_the_end_of_the_service_waits_for_answers() -> None:
    async with site(ROUTES) as browser:
        reader, writer = await browser.connect()
        writer.write(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.sleep(0.1)
    assert (await read_answer(reader)).text == "done"
    assert await reader.read() == b""


@on_loop
async def test_other_machines_are_sent_to_https() -> None:
    async with site(ROUTES, proxies=[ip_network("127.0.0.0/8")]) as browser:
        browser.first = b"PROXY TCP4 192.0.2.1 192.0.2.2 5000 80\r\n"
        seen = await browser.asks("/echo/a", host="evil.test")
        assert (seen.status, seen.headers["location"]) == (308, "https://mail.a.test/echo/a")
        assert (await browser.asks("/echo/a", method="POST", body="a=b")).status == 403


@on_loop
async def test_https_pins_itself_but_not_on_names_of_this_machine(tmp_path: Path) -> None:
    material = ensure(tmp_path, ["mail.a.test", "localhost"])
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(material.certificate, material.key)
    trusted = ssl.create_default_context(cafile=material.authority)
    async with site(ROUTES, tls=tls, trusted=trusted) as browser:
        seen = await browser.asks("/echo/a", host="mail.a.test")
        assert seen.headers["strict-transport-security"] == "max-age=31536000"
        assert "strict-transport-security" not in (await browser.asks("/echo/a", host="localhost")).headers


@pytest.mark.parametrize(
    ("fields", "own"),
    [
        ({}, True),
        ({"Origin": "https://localhost"}, True),
        ({"Origin": "https://evil.test"}, False),
        ({"Origin": "null"}, False),
        ({"Sec_Fetch_Site": "same-origin"}, True),
        ({"Sec_Fetch_Site": "cross-site"}, False),
        ({"Sec_Fetch_Site": "same-site", "Origin": "https://localhost"}, False),
    ],
)
@on_loop
async def test_a_page_knows_forms_of_other_sites(fields: dict[str, str], own: bool) -> None:
    async with site(ROUTES) as browser:
        seen = await browser.asks("/echo/a", method="POST", body="a=b", **fields)
        assert seen.text.endswith(str(own))


def test_the_limits_are_those_that_the_documents_tell() -> None:
    assert (channel.MAX_BODY, channel.REQUEST_SECONDS) == (65_536, 30.0)
