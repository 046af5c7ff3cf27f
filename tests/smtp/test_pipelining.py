# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of commands (RFC 2920): answered in order, and by one write."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.smtp.house import Client, house, received_body
from tests.support import on_loop

MESSAGE = b"Subject: x\r\n\r\nbody\r\n"
SESSION = (
    b"EHLO far.test\r\nMAIL FROM:<a@far.test>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n"
    + MESSAGE
    + b".\r\nRSET\r\nMAIL FROM:<b@far.test>\r\nRCPT TO:<bob@example.org>\r\nBDAT 20 LAST\r\n"
    + MESSAGE
    + b"QUIT\r\n"
)
assert len(MESSAGE) == 20
CODES = ["250", "250", "250", "354", "250", "250", "250", "250", "250", "221"]


@on_loop
async def test_a_group_is_answered_by_one_write(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        client.writer.write(
            b"MAIL FROM:<a@far.test>\r\nRCPT TO:<alice@example.org>\r\nRCPT TO:<x@example.org>\r\nDATA\r\n"
        )
        answers = await client.reader.read(1000)
        assert [line[:3] for line in answers.splitlines()] == [b"250", b"250", b"550", b"354"]


@on_loop
async def test_a_session_may_be_cut_at_every_place(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        for place in range(0, len(SESSION), 3):
            client = await Client.connect(home.port)
            client.writer.write(SESSION[:place])
            await asyncio.sleep(0.001)
            client.writer.write(SESSION[place:])
            assert [(await client.reply())[:3] for _ in CODES] == CODES
            client.close()
        assert {received_body(stored) for stored in await home.inbox()} == {MESSAGE}


@on_loop
async def test_a_client_that_stops_sending_still_gets_its_answers(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        client.writer.write(SESSION.replace(b"QUIT\r\n", b""))
        client.writer.write_eof()
        answers = (await client.reader.read()).decode().splitlines()
        assert [line[:3] for line in answers if line[3] == " "] == CODES[:-1]
