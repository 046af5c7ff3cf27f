# SPDX-License-Identifier: GPL-3.0-or-later
"""Time, errors, connections: what a client may cost, and how it is told that it is enough."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from ikserver.smtp.limits import SmtpLimits
from tests.smtp.house import Client, house
from tests.support import on_loop

MESSAGE = b"Subject: x\r\n\r\nbody\r\n"
IDLE = "421 4.4.2 Nothing was said for too long; closing the connection"


@on_loop
async def test_a_silent_client_hears_421(tmp_path: Path) -> None:
    async with house(tmp_path, limits=SmtpLimits(idle=0.2)) as home:
        client = await Client.connect(home.port)
        assert await client.reply() == IDLE
        assert await client.reply() == ""


@on_loop
async def test_a_command_must_come_whole_in_time(tmp_path: Path) -> None:
    """One octet now and then does not keep a session alive."""
    async with house(tmp_path, limits=SmtpLimits(idle=0.4)) as home:
        client = await Client.connect(home.port)
        answer = asyncio.get_running_loop().create_task(client.reply())
        while not answer.done():
            client.writer.write(b"x")
            await asyncio.sleep(0.05)
        assert await answer == IDLE


@on_loop
async def test_a_slow_but_steady_upload_is_not_cut(tmp_path: Path) -> None:
    """It takes longer than both the idle time and the time of a session."""
    async with house(tmp_path, limits=SmtpLimits(idle=1, session=0.8)) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test", "MAIL FROM:<a@far.test>", "RCPT TO:<alice@example.org>", "DATA")
        for octet in b"Subject: slow":
            client.writer.write(bytes([octet]))
            await asyncio.sleep(0.1)
        client.writer.write(b"\r\n\r\nbody\r\n.\r\n")
        assert (await client.reply()).startswith("250 2.0.0 ")
        assert (await client.reply()).startswith("421 4.4.2 The session lasted too long")


@on_loop
async def test_an_upload_that_stops_hears_421(tmp_path: Path) -> None:
    async with house(tmp_path, limits=SmtpLimits(idle=0.3, memory=10)) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test", "MAIL FROM:<a@far.test>", "RCPT TO:<alice@example.org>", "DATA")
        client.writer.write(b"Subject: stopped\r\n\r\n")
        assert await client.reply() == IDLE
        assert await client.reply() == ""
        for _ in range(100):
            if not list(home.spool.iterdir()):
                break
            await asyncio.sleep(0.02)
        assert list(home.spool.iterdir()) == []


@on_loop
async def test_a_session_that_only_talks_ends(tmp_path: Path) -> None:
    async with house(tmp_path, limits=SmtpLimits(session=0.3)) as home:
        client = await Client.connect(home.port)
        answer = ""
        while not answer.startswith("421"):
            answer = await client.ask("NOOP")
            await asyncio.sleep(0.02)
        assert answer.startswith("421 4.4.2 The session lasted too long")


@on_loop
async def test_the_tenth_error_is_the_last(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        answers = [await client.ask("DATA") for _ in range(10)]
        assert answers[8].startswith("503 ")
        assert answers[9] == "421 4.7.0 Too many errors; closing the connection"
        assert await client.reply() == ""


@on_loop
async def test_nonsense_ends_the_session_too(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        answers = [await client.ask("GET / HTTP/1.1") for _ in range(5)]
        assert answers[0].startswith("500 5.5.2 ")
        assert answers[4] == "421 4.7.0 Too many errors; closing the connection"


@on_loop
async def test_an_accepted_message_forgives_earlier_errors(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        for _ in range(3):
            for _ in range(8):
                await client.ask("DATA")
            assert (await client.deliver(MESSAGE)).startswith("250 ")


@on_loop
async def test_dead_recipients_are_no_errors_until_they_are_guesses(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test", "MAIL FROM:<a@far.test>")
        answers = [await client.ask(f"RCPT TO:<guess{n}@example.org>") for n in range(50)]
        assert {answer[:9] for answer in answers[:-1]} == {"550 5.1.1"}
        assert answers[-1].startswith("421 4.7.0 ")


@on_loop
async def test_the_thousand_and_first_recipient_comes_next_time(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test", "MAIL FROM:<a@far.test>")
        answers = await client.group(*[f"RCPT TO:<alice+{n}@example.org>" for n in range(1100)])
        assert set(answers[:1000]) == {"250 2.1.5 Recipient OK"}
        assert {answer[:9] for answer in answers[1000:]} == {"452 4.5.3"}
        assert (await client.ask("DATA", MESSAGE + b".")).startswith("250 ")
        # However many addresses lead to it, a mailbox gets a message once.
        assert len(await home.inbox()) == 1


@on_loop
async def test_one_connection_too_many_is_turned_away(tmp_path: Path) -> None:
    async with house(tmp_path, connections=2) as home:
        one, two = await Client.connect(home.port), await Client.connect(home.port)
        three = Client(*await asyncio.open_connection("127.0.0.1", home.port))
        assert (await three.reply()).startswith("421 4.7.0 Too many connections")
        assert await three.reply() == ""
        await one.ask("QUIT")
        await one.reply()
        assert await two.ask("NOOP") == "250 2.0.0 OK"
        assert await (await Client.connect(home.port)).ask("NOOP") == "250 2.0.0 OK"


@on_loop
async def test_when_the_service_stops_clients_hear_421(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        await home.listener.stop()
        assert await client.reply() == "421 4.3.2 The service is shutting down; try again later"
        assert await client.reply() == ""


@on_loop
async def test_a_client_that_never_reads_is_not_served_further(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", home.port))
        _, writer = await asyncio.open_connection(sock=deaf, limit=1024)
        for _ in range(100):
            writer.write(b"NOOP\r\n" * 20_000)
        other = await Client.connect(home.port)
        for _ in range(50):
            assert await other.ask("NOOP") == "250 2.0.0 OK"
            await asyncio.sleep(0.01)
        # We have stopped reading: what it sent is its own to keep.
        left = writer.transport.get_write_buffer_size()
        assert left > 1_000_000
        await asyncio.sleep(0.1)
        assert writer.transport.get_write_buffer_size() == left
        writer.transport.abort()
