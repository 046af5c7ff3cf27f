# SPDX-License-Identifier: GPL-3.0-or-later
"""Port 24: one answer a recipient (RFC 2033)."""

from __future__ import annotations

from pathlib import Path

from ikserver.smtp.limits import SmtpLimits
from ikserver.smtp.lmtp import Lmtp
from tests.smtp.house import BOB, Client, house, received_body
from tests.support import on_loop

MESSAGE = b"Subject: hello\r\n\r\nA line.\r\n"


@on_loop
async def test_each_recipient_gets_the_message_and_an_answer(tmp_path: Path) -> None:
    async with house(tmp_path, role=Lmtp()) as home:
        client = await Client.connect(home.port)
        assert (await client.ask("LHLO relay.test")).startswith("250-mail.example.org\n250-PIPELINING\n")
        first = await client.deliver(MESSAGE, "alice@example.org", "nobody@example.org", "bob@example.org")
        second = await client.reply()
        assert first.startswith("250 2.0.0 Accepted as ")
        assert second == first
        assert [received_body(body) for body in await home.inbox() + await home.inbox(BOB)] == [MESSAGE, MESSAGE]
        assert b"with LMTP id" in (await home.inbox())[0]


@on_loop
async def test_a_mailbox_that_is_full_at_delivery_is_answered_alone(tmp_path: Path) -> None:
    async with house(tmp_path, role=Lmtp()) as home:
        await (await home.mail.mail(BOB)).set_quota(10, None)
        client = await Client.connect(home.port)
        await client.ask("LHLO relay.test")
        first = await client.deliver(MESSAGE, "alice@example.org", "bob@example.org")
        assert first.startswith("250 2.0.0 ")
        assert await client.reply() == "452 4.2.2 Mailbox full"
        assert len(await home.inbox()) == 1
        assert await home.queue.entries() == []


@on_loop
async def test_a_group_with_one_full_mailbox_is_accepted_and_tried_again(tmp_path: Path) -> None:
    async with house(tmp_path, role=Lmtp()) as home:
        await (await home.mail.mail(BOB)).set_quota(10, None)
        client = await Client.connect(home.port)
        await client.ask("LHLO relay.test")
        assert (await client.deliver(MESSAGE, "everyone@example.org")).startswith("250 2.0.0 ")
        (entry,) = await home.queue.entries()
        assert (entry.recipient, entry.account) == ("bob@example.org", BOB)


@on_loop
async def test_a_body_that_nobody_gets_is_refused_once_a_recipient(tmp_path: Path) -> None:
    limits = SmtpLimits(message_size=100, tarpit=0)
    async with house(tmp_path, role=Lmtp(), limits=limits) as home:
        client = await Client.connect(home.port)
        await client.ask("LHLO relay.test")
        refusal = "552 5.3.4 The message is larger than this server takes"
        assert await client.deliver(b"x" * 200 + b"\r\n", "alice@example.org", "bob@example.org") == refusal
        assert await client.reply() == refusal
        assert await client.ask("NOOP") == "250 2.0.0 OK"


@on_loop
async def test_every_recipient_is_answered_however_many_are_refused(tmp_path: Path) -> None:
    async with house(tmp_path, role=Lmtp()) as home:
        await (await home.mail.mail(BOB)).set_quota(10, None)
        client = await Client.connect(home.port)
        await client.ask("LHLO relay.test")
        to = [f"bob+{n}@example.org" for n in range(30)]
        answers = [await client.deliver(MESSAGE, *to, "alice@example.org"), *[await client.reply() for _ in to]]
        assert answers[:-1] == ["452 4.2.2 Mailbox full"] * 30
        assert answers[-1].startswith("250 2.0.0 ")


@on_loop
async def test_smtp_greetings_are_not_understood(tmp_path: Path) -> None:
    async with house(tmp_path, role=Lmtp()) as home:
        client = await Client.connect(home.port)
        assert await client.ask("EHLO relay.test") == "502 5.5.1 Command not available here"
        assert await client.ask("HELO relay.test") == "502 5.5.1 Command not available here"
        assert await client.ask("MAIL FROM:<>") == "503 5.5.1 Say hello first"


@on_loop
async def test_data_without_an_accepted_recipient_is_refused(tmp_path: Path) -> None:
    """RFC 2033, 4.2: then there would be nobody to answer for."""
    async with house(tmp_path, role=Lmtp()) as home:
        client = await Client.connect(home.port)
        await client.ask("LHLO relay.test", "MAIL FROM:<>", "RCPT TO:<nobody@example.org>")
        assert await client.ask("DATA") == "503 5.5.1 Need an accepted RCPT first"
