# SPDX-License-Identifier: GPL-3.0-or-later
"""No form of line end but CRLF ends a message, splits it, or lets a command in."""

from __future__ import annotations

from pathlib import Path

import pytest

from ikserver.smtp.limits import SmtpLimits
from tests.protocols_smtp.test_dots import SMUGGLED
from tests.smtp.house import Client, house, received_body
from tests.support import on_loop

HEAD = b"Subject: x\r\n\r\nbody"
SECOND = b"MAIL FROM:<evil@far.test>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\nSubject: evil\r\n\r\n"


@pytest.mark.parametrize("form", SMUGGLED, ids=repr)
@on_loop
async def test_a_smuggled_message_is_refused_as_a_whole_or_kept_as_a_whole(tmp_path: Path, form: bytes) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        answer = await client.deliver(HEAD + form + SECOND)
        if form[0] > 127:
            assert answer.startswith("250 ")
            assert received_body((await home.inbox())[0]) == HEAD + form + SECOND
        else:
            assert answer.startswith("550 5.6.0 ")
            assert await home.inbox() == []
        # Nothing of it was taken for a command: the next answer is that of the next command.
        assert await client.ask("NOOP") == "250 2.0.0 OK"


@pytest.mark.parametrize("form", SMUGGLED, ids=repr)
@on_loop
async def test_normalising_never_splits_a_message_either(tmp_path: Path, form: bytes) -> None:
    limits = SmtpLimits(normalise_line_ends=True, tarpit=0)
    async with house(tmp_path, limits=limits) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        assert (await client.deliver(HEAD + form + SECOND)).startswith("250 ")
        (stored,) = await home.inbox()
        assert b"MAIL FROM:<evil@far.test>\r\n" in stored
        assert stored.count(b"\r") == stored.count(b"\n") == stored.count(b"\r\n")
        assert await client.ask("NOOP") == "250 2.0.0 OK"


@on_loop
async def test_what_a_client_sends_before_tls_is_not_heard_after_it(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        client.writer.write(b"STARTTLS\r\nNOOP injected\r\nEHLO injected\r\n")
        assert await client.reply() == "220 2.0.0 Ready to start TLS"
        await client.writer.start_tls(home.tls, server_hostname="mail.example.org")
        # Had one of them survived, its answer would come first.
        assert await client.ask("VRFY x") == "252 2.5.2 Cannot verify; send the message and see"
        assert await client.ask("MAIL FROM:<>") == "503 5.5.1 Say hello first"
