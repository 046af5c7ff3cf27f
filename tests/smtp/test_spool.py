# SPDX-License-Identifier: GPL-3.0-or-later
"""Where bodies stay while they come in, and what happens when there is no room."""

from __future__ import annotations

from pathlib import Path

import pytest

from ikserver.smtp.limits import SmtpLimits
from ikserver.smtp.lmtp import Lmtp
from tests.smtp.house import Client, house, received_body
from tests.support import on_loop

LARGE = b"Subject: x\r\n\r\n" + b"a line of some length that is repeated\r\n" * 2_000


@pytest.mark.parametrize("memory", [0, 1, 1_000, len(LARGE) - 1, len(LARGE), 1_000_000])
@on_loop
async def test_memory_or_file_is_the_same_to_the_reader(tmp_path: Path, memory: int) -> None:
    async with house(tmp_path, limits=SmtpLimits(memory=memory)) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        assert (await client.deliver(LARGE)).startswith("250 ")
        assert received_body((await home.inbox())[0]) == LARGE
        assert list(home.spool.iterdir()) == []


@on_loop
async def test_without_room_the_client_is_asked_to_come_back(tmp_path: Path) -> None:
    async with house(tmp_path, role=Lmtp(), limits=SmtpLimits(memory=1_000, tarpit=0)) as home:
        home.spool.rmdir()
        client = await Client.connect(home.port)
        await client.ask("LHLO relay.test")
        full = "452 4.3.1 Insufficient storage; try again later"
        assert await client.deliver(LARGE, "alice@example.org", "bob@example.org") == full
        assert await client.reply() == full
        home.spool.mkdir()
        assert (await client.deliver(LARGE)).startswith("250 ")


@on_loop
async def test_a_refused_or_broken_off_body_leaves_no_file(tmp_path: Path) -> None:
    async with house(tmp_path, limits=SmtpLimits(memory=1_000, tarpit=0)) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        assert (await client.deliver(LARGE + b"bare\nline feed\r\n")).startswith("550 5.6.0 ")
        assert list(home.spool.iterdir()) == []
        await client.ask("MAIL FROM:<a@far.test>", "RCPT TO:<alice@example.org>")
        client.writer.write(b"BDAT %d\r\n%b" % (len(LARGE), LARGE))
        await client.reply()
        assert len(list(home.spool.iterdir())) == 1
        assert await client.ask("RSET") == "250 2.0.0 OK"
        for _ in range(100):
            await client.ask("NOOP")
            if not list(home.spool.iterdir()):
                break
        assert list(home.spool.iterdir()) == []
