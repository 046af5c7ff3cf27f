# SPDX-License-Identifier: GPL-3.0-or-later
"""ClamAV's own clamd finds malware in mail, and mail that holds it is refused or filed as spam."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from ikserver.delivery.scanning import Scanning
from ikserver.model.activity import Status, Wanted
from ikserver.model.mail import SpooledFile
from ikserver.model.spam import Scanned
from ikserver.smtp.lmtp import Lmtp
from ikserver.spam.api import FilterDown
from ikserver.spam.clamd import Clamd
from ikserver.spam.guard import Breaker, Patience
from ikserver.spam.place import Tcp
from protocols.clamd import END
from tests.smtp.house import ALICE, Client, house
from tests.spam.clamav import EICAR, NAME, PROGRAM, clamd
from tests.spam.house import House
from tests.support import on_loop

needs_clamd = pytest.mark.skipif(not Path(PROGRAM).exists(), reason="needs clamd (Debian package clamav-daemon)")
HARMLESS = b"Subject: hello\r\n\r\nGood day.\r\n"
MEGABYTE = 10**6


def letter(attachment: bytes = EICAR, *, padding: int = 0) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = "your invoice"
    message.set_content("See below.\n" + "A line that only makes it longer.\n" * (padding // 34))
    message.add_attachment(attachment, maintype="application", subtype="octet-stream", filename="invoice.com")
    return message.as_bytes()


@pytest.fixture(scope="module")
def socket() -> Iterator[Path]:
    with clamd() as socket:
        yield socket


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def scanning(
    clamd: Clamd, threads: Executor, *, refuse: bool = True, defer: bool = False, deadline: float = 30.0
) -> Scanning:
    breaker = Breaker("clamd", Patience(deadline=deadline), time.monotonic)
    return Scanning(clamd, breaker, threads, refuse=refuse, defer=defer)


@needs_clamd
@on_loop
async def test_it_names_what_it_finds_in_an_attachment(socket: Path, threads: ThreadPoolExecutor) -> None:
    scanner = Clamd(socket, threads, MEGABYTE)
    await scanner.ping()
    assert await scanner.scan(letter()) == NAME
    assert await scanner.scan(HARMLESS) == ""


@needs_clamd
@on_loop
async def test_a_large_file_is_sent_in_pieces(socket: Path, threads: ThreadPoolExecutor, tmp_path: Path) -> None:
    octets = letter(padding=900_000)
    (tmp_path / "body").write_bytes(octets)
    body = SpooledFile(tmp_path / "body", len(octets))
    assert await Clamd(socket, threads, MEGABYTE).scan(body) == NAME


@needs_clamd
@on_loop
async def test_of_what_is_too_large_it_sees_the_beginning(
    socket: Path, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    octets = letter(padding=900_000)
    (tmp_path / "body").write_bytes(octets)
    for body in octets, SpooledFile(tmp_path / "body", len(octets)):
        assert await Clamd(socket, threads, 100_000).scan(body) == ""


@needs_clamd
@on_loop
async def test_more_than_it_takes_is_no_answer(threads: ThreadPoolExecutor) -> None:
    with clamd("StreamMaxLength 1M") as socket, pytest.raises(FilterDown):
        await Clamd(socket, threads, 10 * MEGABYTE).scan(b"A line.\r\n" * 900_000)


@needs_clamd
@pytest.mark.parametrize("padding", [0, 900_000], ids=["small", "large"])
@on_loop
async def test_malware_is_refused_with_its_name_which_the_log_keeps(tmp_path: Path, socket: Path, padding: int) -> None:
    async with house(tmp_path, scanning=lambda threads: scanning(Clamd(socket, threads, MEGABYTE), threads)) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        refused = f"550 5.7.1 The message holds malware: {NAME}"
        assert await client.deliver(letter(padding=padding)) == refused
        assert (await client.deliver(HARMLESS)).startswith("250 ")
        assert len(await home.inbox()) == 1
        assert list(home.spool.iterdir()) == []
        await home.journal.carry()
        (event,) = (await home.activity.search(Wanted(status=Status.REJECTED))).events
        assert event.answer is not None
        assert event.answer.text == f"The message holds malware: {NAME}"
        assert event.subject == "your invoice"


@needs_clamd
@on_loop
async def test_lmtp_refuses_it_for_each_recipient(tmp_path: Path, socket: Path) -> None:
    async with house(
        tmp_path, role=Lmtp(), scanning=lambda threads: scanning(Clamd(socket, threads, MEGABYTE), threads)
    ) as home:
        client = await Client.connect(home.port)
        await client.ask("LHLO relay.test")
        first = await client.deliver(letter(), "alice@example.org", "bob@example.org")
        assert first.startswith("550 5.7.1 ")
        assert await client.reply() == first


@needs_clamd
@on_loop
async def test_where_it_is_filed_it_is_spam_for_whoever_gets_it(
    house: House, socket: Path, threads: ThreadPoolExecutor
) -> None:
    scans = scanning(Clamd(socket, threads, MEGABYTE), threads, refuse=False)
    assert await scans.admit("id", letter()) == Scanned(NAME)
    await house.store.set_on(house.ann.id, False)
    filed = await house.file(scanned=Scanned(NAME), filing=house.filing(scanning=scans))
    assert (filed.folder, filed.status) == ("Junk", Status.SPAM)
    assert f"tests=MALWARE_{NAME}".encode() in filed.fields
    assert filed.verdict is not None
    assert filed.verdict.reasons == (f"MALWARE_{NAME}",)


@needs_clamd
@on_loop
async def test_what_waited_in_the_queue_is_scanned_when_it_comes_in(
    house: House, socket: Path, threads: ThreadPoolExecutor
) -> None:
    scans = scanning(Clamd(socket, threads, MEGABYTE), threads)
    filing = house.filing(scanning=scans)
    assert (await house.file(octets=letter(), filing=filing)).folder == "Junk"
    assert (await house.file(octets=HARMLESS, filing=filing)).folder == "INBOX"


@on_loop
async def test_while_it_is_down_mail_comes_in_and_says_so(house: House, threads: ThreadPoolExecutor) -> None:
    scans = scanning(Clamd(Path("/nowhere/clamd.sock"), threads, MEGABYTE), threads)
    scanned = await scans.admit("id", HARMLESS)
    assert scanned == Scanned(answered=False)
    filed = await house.file(scanned=scanned, filing=house.filing(scanning=scans))
    assert filed.folder == "INBOX"
    assert b"SCANNER_DOWN" in filed.fields


@pytest.mark.parametrize("padding", [0, 900_000], ids=["small", "large"])
@on_loop
async def test_while_it_is_down_mail_waits_where_that_is_wanted(tmp_path: Path, padding: int) -> None:
    nobody = Path("/nowhere/clamd.sock")
    async with house(
        tmp_path, scanning=lambda threads: scanning(Clamd(nobody, threads, MEGABYTE), threads, defer=True)
    ) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        down = "451 4.7.1 The virus scanner does not answer; try again later"
        assert await client.deliver(letter(padding=padding)) == down
        assert await home.inbox(ALICE) == []
        assert list(home.spool.iterdir()) == []


@on_loop
async def test_one_that_is_slow_is_not_waited_for_and_holds_up_nobody_else(tmp_path: Path) -> None:
    asked, scanned_all = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = b""
        while not stream.endswith(b"\r\n" + END):
            stream += await reader.read(4096)
        if b"slow" in stream:
            asked.set()
            await scanned_all.wait()
        writer.write(b"stream: OK\0")
        writer.close()

    server = await asyncio.start_server(slow, "127.0.0.1")
    place = Tcp("127.0.0.1", server.sockets[0].getsockname()[1])
    async with house(
        tmp_path, scanning=lambda threads: scanning(Clamd(place, threads, MEGABYTE), threads, defer=True, deadline=1.0)
    ) as home:
        first, second = await Client.connect(home.port), await Client.connect(home.port)
        for client in first, second:
            await client.ask("EHLO far.test")
        waiting = asyncio.ensure_future(first.deliver(b"Subject: slow\r\n\r\nGood day.\r\n"))
        await asked.wait()
        assert (await second.deliver(HARMLESS)).startswith("250 ")
        assert not waiting.done()
        assert (await waiting).startswith("451 4.7.1 ")
    scanned_all.set()
    server.close()


@on_loop
async def test_what_answers_otherwise_is_no_clamd(threads: ThreadPoolExecutor) -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ftp.example.org\r\n")
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(other, "127.0.0.1")
    scanner = Clamd(Tcp("127.0.0.1", server.sockets[0].getsockname()[1]), threads, MEGABYTE)
    with pytest.raises(FilterDown, match="clamd says 220"):
        await scanner.scan(HARMLESS)
    with pytest.raises(FilterDown, match="no clamd"):
        await scanner.ping()
    server.close()
