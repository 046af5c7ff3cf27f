# SPDX-License-Identifier: GPL-3.0-or-later
"""What a whole server does, and logs, when DNS or a program that looks at mail is down or slow."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from smtplib import SMTP

import pytest

from tests.faults.serving import prepared, serving
from tests.faults.smalldisk import MOUNT, READ_ONLY, needs_mount
from tests.support import on_loop

HARMLESS = b"From: eve@far.test\r\nSubject: quick\r\n\r\nHello.\r\n"
SLOW = b"From: eve@far.test\r\nSubject: slow\r\n\r\nHello.\r\n"
GOOD = {"spamd": b"SPAMD/1.5 0 EX_OK\r\nSpam: False ; 1.5 / 5.0\r\n\r\nGOOD", "clamd": b"stream: OK\0"}
"""What each says of good mail."""

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory.mktemp("faults") / "data")


def nobody() -> int:
    """A port where nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@asynccontextmanager
async def listening(answer: Answer, port: int = 0) -> AsyncIterator[int]:
    """A program that gives this answer to each connection; its port."""
    server = await asyncio.start_server(answer, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def ham(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.write(GOOD["spamd"])
    writer.close()


def no_dns() -> str:
    """A server without DNS, which asks it about everybody."""
    return (
        f'[dns]\nnameservers = ["127.0.0.1:{nobody()}"]\ntimeout = "500ms"\n'
        '[authentication]\nown_networks = []\nblock_lists = ["bl.example.net"]\n'
    )


@on_loop
async def test_without_dns_mail_comes_in_and_its_results_say_so(data: Path) -> None:
    async with serving(data, no_dns()) as server:
        client = await server.smtp()
        assert (await client.deliver(HARMLESS, "alice@demo.test")).startswith("250 2.0.0 ")
        header = (await asyncio.to_thread(server.newest)).partition("\r\n\r\n")[0]
        assert "spf=temperror" in header
        assert "dmarc=temperror" in header
        (origin,) = server.logged("origin")
        assert "spf=temperror" in origin
        assert "dmarc=temperror" in origin
        assert "disposition=none" in origin


@on_loop
async def test_without_dns_mail_for_elsewhere_waits_and_the_queue_says_why(data: Path) -> None:
    async with serving(data, no_dns(), outbound=True) as server:
        await asyncio.to_thread(submit, server.port("submission"), server.password)
        while not (entry := listed(data))["last_error"]:
            await asyncio.sleep(0.1)
        assert (entry["recipient"], entry["state"]) == ("ann@far.test", "waiting")
        assert "DNS" in entry["last_error"]


def submit(port: int, password: str) -> None:
    with SMTP("127.0.0.1", port, timeout=20) as client:
        client.login("alice@demo.test", password)
        client.sendmail("alice@demo.test", ["ann@far.test"], "Subject: hello\r\n\r\nHello.\r\n")


def listed(data: Path) -> dict[str, str]:
    command = [sys.executable, "-m", "ikserver", "queue", "list", "--data", str(data), "--json"]
    (entry,) = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return entry  # type: ignore[no-any-return]


@on_loop
async def test_while_spamd_is_down_mail_comes_in_and_says_so(data: Path) -> None:
    settings = f'[spam]\nengine = "spamd"\nspamd = "127.0.0.1:{nobody()}"\n'
    async with serving(data, settings) as server:
        client = await server.smtp()
        assert (await client.deliver(HARMLESS, "alice@demo.test")).startswith("250 ")
        assert "tests=FILTER_DOWN" in await asyncio.to_thread(server.newest)
        assert any(" filter=spamd " in line for line in server.logged("filter-failed"))


@on_loop
async def test_while_spamd_is_down_mail_waits_where_that_is_wanted_until_it_is_there(data: Path) -> None:
    port = nobody()
    settings = f'[spam]\nengine = "spamd"\nspamd = "127.0.0.1:{port}"\nwhen_down = "defer"\n'
    async with serving(data, settings) as server:
        client = await server.smtp()
        assert (await client.deliver(HARMLESS, "alice@demo.test")).startswith("451 4.3.0 ")
        assert any("Connect call failed" in line or "refused" in line for line in server.logged("delivery-failed"))
        async with listening(ham, port):
            assert (await client.deliver(HARMLESS, "alice@demo.test")).startswith("250 ")
        assert "tests=GOOD" in await asyncio.to_thread(server.newest)


@pytest.mark.parametrize("program", ["spamd", "clamd"])
@on_loop
async def test_who_is_slow_holds_up_one_message_until_its_deadline_and_no_other(data: Path, program: str) -> None:
    asked, end = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        message = b""
        while (piece := await reader.read(65536)) and b"Hello.\r\n" not in message + piece:
            message += piece
        if b"Subject: slow" in message + piece:
            asked.set()
            await end.wait()
        writer.write(GOOD[program])
        writer.close()

    async with listening(slow) as port:
        place = f'"127.0.0.1:{port}"\ntimeout = "2s"\n'
        chosen = f"[malware]\nclamd = {place}" if program == "clamd" else f'[spam]\nengine = "spamd"\nspamd = {place}'
        async with serving(data, chosen) as server:
            first, second = await server.smtp(), await server.smtp()
            waiting = asyncio.ensure_future(first.deliver(SLOW, "alice@demo.test"))
            await asked.wait()
            assert (await second.deliver(HARMLESS, "alice@demo.test")).startswith("250 ")
            assert not waiting.done()
            assert (await waiting).startswith("250 ")
            newest = await asyncio.to_thread(server.newest)
            assert "Subject: slow" in newest
            assert ("SCANNER_DOWN" if program == "clamd" else "FILTER_DOWN") in newest
            assert any(f'reason="{program} gave no answer in time"' in line for line in server.logged("filter-failed"))
        end.set()


@on_loop
async def test_the_postmaster_hears_of_a_disk_that_is_nearly_full_and_the_doctor_shows_it(data: Path) -> None:
    async with serving(data, '[alerts]\nroom_low = "1000000TB"\n') as server:
        while not (message := await asyncio.to_thread(server.newest, "admin@demo.test")):
            await asyncio.sleep(0.2)
        assert "\r\nSubject: [mail.demo.test] Alert: disk\r\n" in message
        assert "\r\nTo: postmaster@demo.test\r\n" in message
        assert "\r\nAuto-Submitted: auto-generated\r\n" in message
        assert f" are free for {data}. When" in message.replace("=\r\n", "")
        (line,) = server.logged("alert")
        assert "level=warning" in line
        assert " subject=disk turn=begun rank=1 " in line
        command = [sys.executable, "-m", "ikserver", "doctor", "--data", str(data), "--json"]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True)
        (shown,) = [row for row in json.loads(done.stdout) if row["area"] == "alerts"]
        assert shown["level"] == "warning"
        assert shown["text"].startswith("disk, since ")


@needs_mount
def test_a_data_directory_that_is_read_only_is_told_at_the_start(data: Path) -> None:
    command = [*MOUNT, READ_ONLY, "sh", str(data), sys.executable, "-m", "ikserver", "serve", "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr == (
        f"ikserver: {data} cannot be written: is it mounted read-only, or does it belong to another user?\n"
    )
