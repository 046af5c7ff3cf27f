# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever keeps a message from coming in, no file of it stays in the spool."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ikserver.delivery.scanning import Scanning
from ikserver.imap.backend import ImapLimits
from ikserver.smtp.limits import SmtpLimits
from ikserver.smtp.lmtp import Lmtp
from ikserver.smtp.submission import Submission
from ikserver.spam.clamd import Clamd
from ikserver.spam.guard import Breaker, Patience
from ikserver.spam.place import Tcp
from protocols.clamd import END
from tests.authentication.test_port_25 import LISTS, port_25
from tests.delivery.test_failures import break_mailbox
from tests.imap_site import Site
from tests.smtp.house import ALICE, Client, House, house
from tests.smtp.test_submission import plain, secure
from tests.support import on_loop

LIMITS = SmtpLimits(memory=1_000, message_size=300_000, tarpit=0, failed_login_delay=0)
"""Every body is kept in a file."""
LINES = b"a line of some length that is repeated\r\n" * 2_000
LARGE = b"From: eve@far.test\r\nSubject: x\r\n\r\n" + LINES


async def empty(spool: Path) -> bool:
    """Soon: what a client breaks off is removed beside the conversation."""
    for _ in range(500):
        if not list(spool.iterdir()):
            return True
        await asyncio.sleep(0.01)
    return False


async def greeted(home: House, hello: str = "EHLO") -> Client:
    client = await Client.connect(home.port)
    await client.ask(f"{hello} far.test")
    return client


REFUSED: Mapping[str, tuple[bytes, str]] = {
    "too large": (LARGE + LINES * 4, "552 5.3.4 "),
    "bare line feed at the end": (LARGE + b"bare\nline feed\r\n", "550 5.6.0 "),
    "in circles": (b"Received: by x\r\n" * 200 + LARGE, "554 5.4.6 "),
}


@pytest.mark.parametrize("case", REFUSED)
@on_loop
async def test_of_a_body_that_is_refused(tmp_path: Path, case: str) -> None:
    body, answer = REFUSED[case]
    async with house(tmp_path, limits=LIMITS) as home:
        assert (await (await greeted(home)).deliver(body)).startswith(answer)
        assert await empty(home.spool)


@pytest.mark.parametrize(("table", "recipient"), [("mailbox", "alice@example.org"), ("queue", "both@example.org")])
@pytest.mark.parametrize("role", [None, Lmtp()], ids=["smtp", "lmtp"])
@on_loop
async def test_when_the_store_fails(tmp_path: Path, role: Lmtp | None, table: str, recipient: str) -> None:
    async with house(tmp_path, role=role, limits=LIMITS) as home:
        if table == "mailbox":
            await break_mailbox(home, tmp_path, ALICE)
        else:
            server = sqlite3.connect(tmp_path / "server.sqlite", isolation_level=None)
            server.execute("CREATE TRIGGER broken BEFORE INSERT ON queue_messages BEGIN SELECT RAISE(ABORT, 'no'); END")
        client = await greeted(home, "LHLO" if role else "EHLO")
        assert (await client.deliver(LARGE, recipient)).startswith("451 4.3.0 ")
        assert await empty(home.spool)


def _as(sender: str) -> bytes:
    return LARGE.replace(b"eve@far.test", sender.encode())


@pytest.mark.parametrize(
    ("body", "listed", "answer"),
    [
        (_as("boss@bank.test"), False, "550 5.7.1 The domain bank.test "),
        (LARGE, True, "554 5.7.1 "),
        (_as("ann@far.test\r\nX-Much: " + "long " * 300_000), False, "552 5.3.4 "),
    ],
    ids=["disowned", "on a list", "header too large"],
)
@on_loop
async def test_of_a_stranger_who_is_turned_away(tmp_path: Path, body: bytes, listed: bool, answer: str) -> None:
    limits = SmtpLimits(memory=1_000, tarpit=0)
    async with port_25(tmp_path, LISTS, refuse_listed=listed, limits=limits) as (home, client, dns):
        if listed:
            dns.zone["1.0.0.127.bad.test", "A"] = ["127.0.0.2"]
        assert (await client.deliver(body, sender="ann@far.test")).startswith(answer)
        assert await empty(home.spool)


@asynccontextmanager
async def scanner(says: bytes) -> AsyncIterator[Callable[[Executor], Scanning]]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = b""
        while not stream.endswith(b"\r\n" + END):
            stream += await reader.read(65536)
        writer.write(says)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    place = Tcp("127.0.0.1", server.sockets[0].getsockname()[1])

    def scanning(threads: Executor) -> Scanning:
        breaker = Breaker("clamd", Patience(), time.monotonic)
        return Scanning(Clamd(place, threads, 10**6), breaker, threads, refuse=True, defer=True)

    try:
        yield scanning
    finally:
        server.close()


@pytest.mark.parametrize(("says", "answer"), [(b"stream: Bad FOUND\0", "550 5.7.1 "), (b"", "451 4.7.1 ")])
@on_loop
async def test_of_malware_and_of_what_cannot_be_scanned(tmp_path: Path, says: bytes, answer: str) -> None:
    async with scanner(says) as scanning, house(tmp_path, limits=LIMITS, scanning=scanning) as home:
        assert (await (await greeted(home)).deliver(LARGE)).startswith(answer)
        assert await empty(home.spool)


@on_loop
async def test_of_one_message_too_many(tmp_path: Path) -> None:
    """LIM-01: two had room when they asked."""
    async with house(tmp_path, role=Submission(), limits=LIMITS, daily_recipients=1) as home:
        clients = [await secure(home), await secure(home)]
        for client in clients:
            await client.ask(plain(), "MAIL FROM:<alice@example.org>", "RCPT TO:<a@far.test>")
        answers = [await client.ask("DATA", LARGE + b".") for client in clients]
        assert [answer[:4] for answer in answers] == ["250 ", "450 "]
        assert await empty(home.spool)


@on_loop
async def test_of_binary_octets_where_none_may_be(tmp_path: Path) -> None:
    async with house(tmp_path, limits=LIMITS) as home:
        client = await greeted(home)
        await client.ask("MAIL FROM:<a@far.test> BODY=BINARYMIME", "RCPT TO:<alice@example.org>")
        body = LARGE + b"a\0b\r\n"
        client.writer.write(b"BDAT %d LAST\r\n%b" % (len(body), body))
        assert (await client.reply()).startswith("550 5.6.0 ")
        assert await empty(home.spool)


async def _quits(home: House, client: Client) -> None:
    await client.ask("QUIT")


async def _hangs_up(home: House, client: Client) -> None:
    client.close()


async def _resets(home: House, client: Client) -> None:
    await client.ask("RSET")


async def _begins_anew(home: House, client: Client) -> None:
    await client.ask("EHLO far.test")


async def _is_silent(home: House, client: Client) -> None:
    assert (await client.reply()).startswith("421 4.4.2 ")


async def _is_told_to_go(home: House, client: Client) -> None:
    await home.listener.stop()


IN_BETWEEN = [("BDAT", end) for end in (_quits, _resets, _begins_anew)]
"""Within DATA these would be lines of the body."""
ANYWHERE = [(verb, end) for verb in ("BDAT", "DATA") for end in (_hangs_up, _is_silent, _is_told_to_go)]


@pytest.mark.parametrize(("verb", "end"), [*IN_BETWEEN, *ANYWHERE])
@on_loop
async def test_of_a_body_without_an_end(
    tmp_path: Path, verb: str, end: Callable[[House, Client], Awaitable[None]]
) -> None:
    limits = SmtpLimits(memory=1_000, idle=1.0 if end is _is_silent else 300.0, tarpit=0)
    async with house(tmp_path, limits=limits) as home:
        client = await greeted(home)
        await client.ask("MAIL FROM:<a@far.test>", "RCPT TO:<alice@example.org>")
        client.writer.write(b"BDAT %d\r\n%b" % (len(LARGE), LARGE) if verb == "BDAT" else b"DATA\r\n")
        await client.reply()
        if verb == "DATA":
            client.writer.write(LARGE)
        while not list(home.spool.iterdir()):
            await asyncio.sleep(0.01)
        await end(home, client)
        assert await empty(home.spool)


@asynccontextmanager
async def imap(root: Path) -> AsyncIterator[Site]:
    site = Site(root, ImapLimits(failure_delay=0))
    await site.start()
    try:
        yield site
    finally:
        await site.stop()


@pytest.mark.parametrize(
    ("mailbox", "octets", "answer"),
    [
        ("Nowhere", LARGE * 3, "NO [TRYCREATE] ..."),
        ("INBOX", LARGE * 3 + b"\0", "BAD ..."),
        ("INBOX", LARGE * 3, "NO [OVERQUOTA] ..."),
    ],
    ids=["no mailbox", "NUL", "over quota"],
)
@on_loop
async def test_of_an_append_that_is_refused(tmp_path: Path, mailbox: str, octets: bytes, answer: str) -> None:
    async with imap(tmp_path) as site:
        await (await site.mail()).set_quota(1000, None)
        ann = await site.client()
        ann.sends(b"a APPEND %b {%d+}\r\n%b\r\n" % (mailbox.encode(), len(octets), octets))
        await ann.says(f"S: a {answer}")
        assert await empty(tmp_path / "spool")


@on_loop
async def test_of_an_append_without_an_end(tmp_path: Path) -> None:
    async with imap(tmp_path) as site:
        ann = await site.client()
        ann.sends(b"a APPEND INBOX {%d+}\r\n%b" % (len(LARGE) * 4, LARGE * 3))
        while not list((tmp_path / "spool").iterdir()):
            await asyncio.sleep(0.01)
        await ann.hangs_up()
        assert await empty(tmp_path / "spool")
