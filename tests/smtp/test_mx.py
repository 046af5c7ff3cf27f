# SPDX-License-Identifier: GPL-3.0-or-later
"""Port 25, as a stranger's server sees it."""

from __future__ import annotations

from pathlib import Path

from tests.smtp.house import Client, house, received_body
from tests.support import on_loop

MESSAGE = b"From: <sender@far.test>\r\nSubject: hello\r\n\r\nA line.\r\n"


@on_loop
async def test_a_message_goes_into_the_inbox_octet_by_octet(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        assert await client.ask("EHLO far.test") == (
            "250-mail.example.org\n250-PIPELINING\n250-SIZE 201000000\n250-8BITMIME\n250-SMTPUTF8\n"
            "250-ENHANCEDSTATUSCODES\n250-CHUNKING\n250-BINARYMIME\n250-DSN\n250-STARTTLS\n250 HELP"
        )
        assert await client.ask("MAIL FROM:<sender@far.test> SIZE=100 BODY=8BITMIME") == "250 2.1.0 Sender OK"
        assert await client.ask("RCPT TO:<alice@example.org>") == "250 2.1.5 Recipient OK"
        assert await client.ask("DATA") == "354 End data with <CR><LF>.<CR><LF>"
        assert (await client.ask(MESSAGE + b".")).startswith("250 2.0.0 Accepted as ")
        assert await client.ask("QUIT") == "221 2.0.0 Bye"
        assert await client.reply() == ""
        (stored,) = await home.inbox()
        assert stored.startswith(
            b"Return-Path: <sender@far.test>\r\n"
            b"Received: from far.test ([127.0.0.1])\r\n\tby mail.example.org with ESMTP id "
        )
        assert b"\r\n\tfor <alice@example.org>;\r\n\t" in stored
        assert received_body(stored) == MESSAGE
