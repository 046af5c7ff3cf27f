# SPDX-License-Identifier: GPL-3.0-or-later
"""CHUNKING and BINARYMIME (RFC 3030)."""

from __future__ import annotations

import email
from pathlib import Path

import pytest

from ikserver.smtp.limits import SmtpLimits
from ikserver.smtp.lmtp import Lmtp
from tests.smtp.house import Client, House, house, received_body
from tests.support import on_loop

MESSAGE = b"Subject: chunks\r\n\r\n.\r\n..\r\nlast line\r\n"


async def begin(home: House, mail: str = "MAIL FROM:<a@far.test>") -> Client:
    client = await Client.connect(home.port)
    await client.ask("EHLO far.test", mail)
    assert (await client.ask("RCPT TO:<alice@example.org>")).startswith("250 ")
    return client


async def chunk(client: Client, data: bytes, last: str = "") -> str:
    client.writer.write(b"BDAT %d%b\r\n" % (len(data), last.encode()) + data)
    return await client.reply()


@on_loop
async def test_chunks_are_one_message_and_dots_are_nothing_special(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await begin(home)
        assert await chunk(client, MESSAGE[:15]) == "250 2.0.0 15 octets received"
        assert await chunk(client, b"") == "250 2.0.0 0 octets received"
        assert (await chunk(client, MESSAGE[15:], " LAST")).startswith("250 2.0.0 Accepted as ")
        assert received_body((await home.inbox())[0]) == MESSAGE


@on_loop
async def test_chunks_may_be_cut_anywhere(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        for place in range(len(MESSAGE) + 1):
            await client.ask("MAIL FROM:<a@far.test>", "RCPT TO:<alice@example.org>")
            await chunk(client, MESSAGE[:place])
            assert (await chunk(client, MESSAGE[place:], " LAST")).startswith("250 ")
        assert {received_body(stored) for stored in await home.inbox()} == {MESSAGE}


@on_loop
async def test_a_whole_transaction_in_one_write(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        client.writer.write(
            b"MAIL FROM:<a@far.test>\r\nRCPT TO:<nobody@example.org>\r\nRCPT TO:<alice@example.org>\r\n"
            b"BDAT %d\r\n%bBDAT 0 LAST\r\nQUIT\r\n" % (len(MESSAGE), MESSAGE)
        )
        answers = [(await client.reply())[:3] for _ in range(6)]
        assert answers == ["250", "550", "250", "250", "250", "221"]
        assert received_body((await home.inbox())[0]) == MESSAGE


@on_loop
async def test_octets_of_a_refused_chunk_are_not_commands(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        assert await chunk(client, b"QUIT\r\nQUIT\r\n", " LAST") == "503 5.5.1 Need MAIL first"
        await client.ask("MAIL FROM:<a@far.test>", "RCPT TO:<nobody@example.org>")
        assert await chunk(client, b"QUIT\r\nQUIT\r\n", " LAST") == "503 5.5.1 Need an accepted RCPT first"
        assert await client.ask("NOOP") == "250 2.0.0 OK"


@pytest.mark.parametrize("command", ["DATA", "RCPT TO:<bob@example.org>", "MAIL FROM:<b@far.test>"])
@on_loop
async def test_between_chunks_only_rset_helps(tmp_path: Path, command: str) -> None:
    async with house(tmp_path) as home:
        client = await begin(home)
        await chunk(client, MESSAGE)
        assert (await client.ask(command)).startswith("503 5.5.1 ")
        assert await client.ask("RSET") == "250 2.0.0 OK"
        assert await chunk(client, MESSAGE, " LAST") == "503 5.5.1 Need MAIL first"
        assert await home.inbox() == []


@pytest.mark.parametrize("dirt", [b"\0", b"\n", b"\r", b"\r\n\r"])
@on_loop
async def test_lines_are_asked_for_unless_the_message_is_binary(tmp_path: Path, dirt: bytes) -> None:
    async with house(tmp_path) as home:
        client = await begin(home)
        assert (await chunk(client, b"Subject: x\r\n\r\na" + dirt, " LAST")).startswith("550 5.6.0 ")
        assert await home.inbox() == []


@on_loop
async def test_a_message_that_grows_too_large_is_told_at_once(tmp_path: Path) -> None:
    async with house(tmp_path, limits=SmtpLimits(message_size=100, tarpit=0)) as home:
        client = await begin(home)
        assert (await chunk(client, b"x" * 90)).startswith("250 ")
        assert (await chunk(client, b"x" * 90)).startswith("552 5.3.4 ")
        assert (await chunk(client, b"", " LAST")).startswith("552 5.3.4 ")
        assert await client.ask("MAIL FROM:<b@far.test>") == "250 2.1.0 Sender OK"


@pytest.mark.parametrize("memory", [1_000_000, 1_000])
@on_loop
async def test_binary_parts_are_kept_in_base64(tmp_path: Path, memory: int) -> None:
    octets = bytes(range(256)) * 40
    message = (
        b"Subject: a picture\r\nMIME-Version: 1.0\r\nContent-Type: image/png\r\n"
        b"Content-Transfer-Encoding: binary\r\n\r\n" + octets
    )
    async with house(tmp_path, limits=SmtpLimits(memory=memory)) as home:
        client = await begin(home, "MAIL FROM:<a@far.test> BODY=BINARYMIME")
        assert await client.ask("DATA") == "503 5.5.1 BINARYMIME needs BDAT"
        assert (await chunk(client, message, " LAST")).startswith("250 2.0.0 ")
        (stored,) = await home.inbox()
        assert b"\0" not in stored
        parsed = email.message_from_bytes(stored)
        assert parsed["Content-Transfer-Encoding"] == "base64"
        assert parsed.get_payload(decode=True) == octets
        assert list(home.spool.iterdir()) == []


@on_loop
async def test_binary_octets_outside_of_binary_parts_are_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await begin(home, "MAIL FROM:<a@far.test> BODY=BINARYMIME")
        assert (await chunk(client, b"Subject: x\r\n\r\na\0b\r\n", " LAST")).startswith("550 5.6.0 ")


@on_loop
async def test_in_lmtp_the_last_chunk_is_answered_once_a_recipient(tmp_path: Path) -> None:
    async with house(tmp_path, role=Lmtp()) as home:
        client = await Client.connect(home.port)
        await client.ask("LHLO far.test", "MAIL FROM:<>", "RCPT TO:<alice@example.org>", "RCPT TO:<bob@example.org>")
        assert (await chunk(client, MESSAGE)).startswith("250 2.0.0 ")
        assert (await chunk(client, b"", " LAST")).startswith("250 2.0.0 Accepted")
        assert (await client.reply()).startswith("250 2.0.0 Accepted")
