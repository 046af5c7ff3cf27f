# SPDX-License-Identifier: GPL-3.0-or-later
"""Port 25, as a stranger's server sees it."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from ikserver.model.ids import AccountId
from tests.smtp.house import ALICE, BOB, CAROL, Client, house, received_body
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


@on_loop
async def test_all_recipients_of_one_message_get_it_and_none_sees_the_others(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("HELO far.test")
        answer = await client.deliver(MESSAGE, "alice@example.org", "bob+list@example.org", "everyone@example.org")
        assert answer.startswith("250 2.0.0")
        for account in (ALICE, BOB, CAROL):
            (stored,) = await home.inbox(account)
            assert received_body(stored) == MESSAGE
            assert b" for <" not in stored
            assert b"with SMTP id" in stored


@on_loop
async def test_dots_and_long_lines_arrive_as_they_were_meant(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        long = b"x" * 100_000
        answer = await client.deliver(b"Subject: dots\r\n\r\n..\r\n...\r\n..a\r\n" + long + b"\r\n")
        assert answer.startswith("250 ")
        assert received_body((await home.inbox())[0]) == b"Subject: dots\r\n\r\n.\r\n..\r\n.a\r\n" + long + b"\r\n"


@on_loop
async def test_an_empty_message_is_a_message(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        assert (await client.deliver(b"")).startswith("250 ")
        assert received_body((await home.inbox())[0]) == b""


RELAY = [
    ("<someone@elsewhere.test>", "550 5.7.1 Relay denied"),
    ("<alice%elsewhere.test@example.org>", "550 5.1.1 No such user here"),
    ("<elsewhere.test!alice@example.org>", "550 5.1.1 No such user here"),
    ('<"someone@elsewhere.test"@example.org>', "550 5.1.1 No such user here"),
    ('<"someone%elsewhere.test"@example.org>', "550 5.1.1 No such user here"),
    ('<"alice"@elsewhere.test>', "550 5.7.1 Relay denied"),
    ("<@example.org:someone@elsewhere.test>", "550 5.7.1 Relay denied"),
    ("<@elsewhere.test:alice@example.org>", "250 2.1.5 Recipient OK"),
    ("<@example.org,@elsewhere.test:someone@elsewhere.test>", "550 5.7.1 Relay denied"),
    ("<alice@example.org@elsewhere.test>", "501 5.1.3 "),
    ("<alice@elsewhere.test@example.org>", "501 5.1.3 "),
    ("<elsewhere.test!someone>", "501 5.1.3 "),
    ("<alice@[127.0.0.1]>", "550 5.7.1 Relay denied"),
    ("<alice@[IPv6:::1]>", "550 5.7.1 Relay denied"),
    ("<alice@example.org.>", "501 5.1.3 "),
    ("<alice@sub.example.org>", "550 5.7.1 Relay denied"),
    ("<alice>", "501 5.1.3 "),
    ("<>", "501 5.1.3 "),
    ("alice@example.org", "501 5.1.3 "),
    ("<alice@example.org", "501 5.1.3 "),
    ("<nobody@example.org>", "550 5.1.1 No such user here"),
    ("<closed@example.org>", "550 5.2.1 Mailbox disabled"),
    ("<full@example.org>", "452 4.2.2 Mailbox full"),
    ("<tiny@example.org>", "552 5.2.2 "),
    ("<ALICE@EXAMPLE.ORG>", "250 2.1.5 Recipient OK"),
    ('<"alice"@example.org>', "250 2.1.5 Recipient OK"),
    ("<Postmaster>", "250 2.1.5 Recipient OK"),
    (" <alice@example.org>", "250 2.1.5 Recipient OK"),
]


@pytest.mark.parametrize("sender", ["<sender@far.test>", "<>", "<alice@example.org>", "<@hop.test:a@far.test>"])
@on_loop
async def test_nothing_is_relayed_for_strangers(tmp_path: Path, sender: str) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        for recipient, reply in RELAY:
            await client.ask("EHLO far.test", f"MAIL FROM:{sender}")
            answer = await client.ask(f"RCPT TO:{recipient}")
            assert (recipient, answer[: len(reply)]) == (recipient, reply)
            if reply.startswith("250"):
                await client.ask("DATA", MESSAGE + b".")
        assert await home.queue.entries() == []


SEQUENCE = [
    ("MAIL FROM:<a@far.test>", "503 5.5.1 Say hello first"),
    ("HELO", "501 5.5.4"),
    ("EHLO far.test", "250-"),
    ("RCPT TO:<alice@example.org>", "503 5.5.1 Need MAIL first"),
    ("DATA", "503 5.5.1 Need MAIL first"),
    ("MAIL FROM:<a@far.test>", "250 2.1.0"),
    ("MAIL FROM:<a@far.test>", "503 5.5.1 A message is under way"),
    ("DATA", "503 5.5.1 Need an accepted RCPT first"),
    ("DATA now", "501 5.5.4"),
    ("RSET", "250 2.0.0"),
    ("RCPT TO:<alice@example.org>", "503 5.5.1 Need MAIL first"),
]


@on_loop
async def test_commands_out_of_order_are_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        for command, reply in SEQUENCE:
            answer = await client.ask(command)
            assert (command, answer[: len(reply)]) == (command, reply)


ODD = [
    (b"MAIL FROM:<a\0b@far.test>", "500 5.5.2"),
    (b"NO\0OP", "500 5.5.2"),
    (b"NOOP \x1b[2J", "500 5.5.2"),
    (b"NOOP a\rb", "500 5.5.2"),
    (b"MAIL FROM:<a@far.test", "501 5.1.7"),
    (b"MAIL FROM:a@far.test", "501 5.1.7"),
    (b"MAIL FROM:<Postmaster>", "501 5.1.7"),
    (b"MAIL TO:<a@far.test>", "501 5.5.4"),
    (b"MAIL FROM:<\xff@far.test> SMTPUTF8", "501 5.5.4"),
    ("MAIL FROM:<ü@far.test>".encode(), "553 5.6.7"),
    (b"MAIL FROM:<a@far.test> SIZE=201000001", "552 5.3.4"),
    (b"MAIL FROM:<a@far.test> AUTH=<>", "555 5.5.4"),
    (b"NOOP " + b"x" * 3000, "500 5.5.2"),
    (b"NOOP " + b"x" * 30_000, "500 5.5.6"),
    (b"AUTH PLAIN AGEAYg==", "502 5.5.1"),
    (b"EXPN staff", "502 5.5.1"),
    (b"XCLIENT NAME=x", "500 5.5.2"),
    (b"LHLO far.test", "502 5.5.1"),
    (b"\xe9HLO", "500 5.5.2"),
    (b"", "500 5.5.2"),
    (b"VRFY alice", "252 2.5.2"),
    (b"HELP", "214 2.0.0"),
    (b"NOOP anything", "250 2.0.0"),
    (b"RSET now", "501 5.5.4"),
    (b"QUIT now", "501 5.5.4"),
    (b"BDAT", "501 5.5.4"),
    (b"BDAT 5 FIRST", "501 5.5.4"),
]


@pytest.mark.parametrize(("command", "reply"), ODD, ids=lambda value: repr(value)[:24])
@on_loop
async def test_an_odd_command_gets_one_reply_with_an_enhanced_code(tmp_path: Path, command: bytes, reply: str) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        answer = await client.ask(command)
        assert answer.startswith(reply + " ")
        assert await client.ask("NOOP") == "250 2.0.0 OK"


@on_loop
async def test_a_line_that_ends_in_a_bare_line_feed_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        client.writer.write(b"NOOP\n")
        assert (await client.reply()).startswith("500 5.5.2 ")


@on_loop
async def test_what_an_address_has_redirected_before_is_refused(tmp_path: Path) -> None:
    """Where somebody else gets it, it is taken: the queue tells the sender of the one who does not."""
    again = b"Delivered-To: redirected@example.org\r\n" + MESSAGE
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test", "MAIL FROM:<sender@far.test>", "RCPT TO:<redirected@example.org>", "DATA")
        assert await client.ask(again + b".") == (
            "554 5.4.6 This address has redirected the mail before: it goes round in circles"
        )
        await client.ask("MAIL FROM:<sender@far.test>", "RCPT TO:<redirected@example.org>", "RCPT TO:<bob@example.org>")
        await client.ask("DATA")
        assert (await client.ask(again + b".")).startswith("250 ")
        assert len(await home.inbox(BOB)) == 1
        assert [entry.recipient for entry in await home.queue.entries()] == ["far@elsewhere.test"]


@on_loop
async def test_a_message_that_goes_in_circles_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        hop = b"Received: from a by b;\r\n\tTue, 24 Nov 2026 12:00:00 +0000\r\n"
        assert (await client.deliver(hop * 51 + b"\r\nx\r\n")).startswith("554 5.4.6 ")
        assert (await client.deliver(hop * 50 + b"\r\nx\r\n")).startswith("250 ")
        assert len(await home.inbox()) == 1


@on_loop
async def test_utf8_addresses_are_taken_when_asked_for(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        assert await client.ask("MAIL FROM:<jörg@bücher.example> SMTPUTF8") == "250 2.1.0 Sender OK"
        assert (await client.ask("RCPT TO:<ünbekannt@example.org>")).startswith("550 5.1.1 ")
        await client.ask("RCPT TO:<alice@example.org>", "DATA", MESSAGE + b".")
        (stored,) = await home.inbox()
        assert stored.startswith("Return-Path: <jörg@xn--bcher-kva.example>\r\n".encode())
        assert b"with UTF8SMTP id" in stored


@on_loop
async def test_a_redirection_goes_to_the_queue_without_return_path_and_with_its_dsn_wishes(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test", "MAIL FROM:<a@far.test> RET=HDRS ENVID=e1")
        await client.ask("RCPT TO:<both@example.org> NOTIFY=FAILURE ORCPT=rfc822;Both@example.org")
        await client.ask("DATA")
        assert (await client.ask(MESSAGE + b".")).startswith("250 ")
        (entry,) = await home.queue.entries()
        assert (entry.sender, entry.recipient, entry.account) == ("a@far.test", "far@elsewhere.test", None)
        kept = sqlite3.connect(tmp_path / "server.sqlite").execute(
            "SELECT ret, envid, notify, orcpt FROM queue_messages m JOIN queue_recipients r ON r.message = m.id"
        )
        assert kept.fetchall() == [("HDRS", "e1", "FAILURE", "rfc822;Both@example.org")]
        body = await home.queue.body(entry.message)
        assert isinstance(body, bytes)
        assert body.startswith(b"Delivered-To: both@example.org\r\nReceived: from far.test ")
        assert body.endswith(MESSAGE)
        assert len(await home.inbox()) == 1


@on_loop
async def test_when_every_mailbox_is_full_the_client_keeps_the_message(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await (await home.mail.mail(ALICE)).set_quota(10, None)
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        assert await client.deliver(MESSAGE) == "452 4.2.2 Mailbox full"
        assert await home.queue.entries() == []


@on_loop
async def test_one_failure_among_many_is_ours_to_try_again(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await (await home.mail.mail(BOB)).set_quota(10, None)
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        assert (await client.deliver(MESSAGE, "alice@example.org", "bob@example.org")).startswith("250 ")
        (entry,) = await home.queue.entries()
        assert (entry.account, entry.recipient) == (BOB, "bob@example.org")
        body = await home.queue.body(entry.message)
        assert isinstance(body, bytes)
        assert received_body(body) == MESSAGE
        assert await home.inbox(AccountId(BOB)) == []


@on_loop
async def test_a_client_that_goes_away_after_the_end_has_delivered(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test", "MAIL FROM:<a@far.test>", "RCPT TO:<alice@example.org>", "DATA")
        client.send(MESSAGE + b".")
        await client.writer.drain()
        client.writer.transport.abort()
        for _ in range(200):
            if await home.inbox():
                break
            await asyncio.sleep(0.01)
        assert len(await home.inbox()) == 1


@on_loop
async def test_a_message_that_requires_tls_comes_in_under_tls_only(tmp_path: Path) -> None:
    """RFC 8689, 2; into a mailbox of ours it goes as any other."""
    async with house(tmp_path) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        refused = await client.ask("MAIL FROM:<sender@far.test> REQUIRETLS")
        assert refused == "530 5.7.10 REQUIRETLS needs an encrypted session: STARTTLS first"
        await client.start_tls(home.tls)
        await client.ask("EHLO far.test")
        assert await client.ask("MAIL FROM:<sender@far.test> REQUIRETLS") == "250 2.1.0 Sender OK"
        await client.ask("RCPT TO:<alice@example.org>", "DATA")
        assert (await client.ask(MESSAGE + b".")).startswith("250 2.0.0 Accepted as ")
        (stored,) = await home.inbox()
        assert received_body(stored) == MESSAGE
