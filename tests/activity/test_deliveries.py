# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of messages that come through SMTP, from the first 250 to the log."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ikserver.activity.journal import MAX_NOTED
from ikserver.model.activity import Answer, Direction, Event, Status, Wanted
from ikserver.smtp.limits import SmtpLimits
from ikserver.smtp.lmtp import Lmtp
from ikserver.smtp.role import Role
from ikserver.smtp.submission import Submission
from tests.activity.conftest import event
from tests.delivery.test_failures import break_mailbox
from tests.outbound.post import local_retry
from tests.smtp.house import ALICE, BOB, PASSWORD, Client, House, house
from tests.support import on_loop

HELLO = (
    b"From: Carol <carol@far.test>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@far.test>\r\n\r\nhi\r\n"
)


@dataclass
class Logged:
    """A server, a client that said hello, and what the log says."""

    home: House
    client: Client

    async def events(self) -> Sequence[Event]:
        """All of them, the newest last."""
        await self.home.journal.carry()
        return (await self.home.activity.search(Wanted())).events[::-1]

    async def statuses(self) -> list[tuple[str, str, str, str]]:
        """Whose log, direction, status, recipient; sorted."""
        events = await self.events()
        return sorted((e.address, e.direction.value, e.status.value, e.recipient) for e in events)


@asynccontextmanager
async def logged(root: Path, role: Role | None = None, limits: SmtpLimits | None = None) -> AsyncIterator[Logged]:
    async with house(root, role=role, limits=limits, plaintext_login=True) as home:
        client = await Client.connect(home.port)
        await client.ask("LHLO far.test" if isinstance(role, Lmtp) else "EHLO far.test")
        if isinstance(role, Submission):
            await client.ask("AUTH PLAIN " + base64.b64encode(f"\0alice@example.org\0{PASSWORD}".encode()).decode())
        yield Logged(home, client)
        client.close()


@on_loop
async def test_mail_from_a_stranger_is_received(tmp_path: Path) -> None:
    """LOG-08: received."""
    async with logged(tmp_path) as log:
        answer = await log.client.deliver(HELLO, "Alice+list@example.org")
        (event,) = await log.events()
    assert answer.endswith(event.message)
    assert (event.address, event.direction, event.status) == ("alice@example.org", Direction.RECEIVED, Status.RECEIVED)
    assert (event.recipient, event.sender, event.header_from) == (
        "alice+list@example.org",
        "sender@far.test",
        "carol@far.test",
    )
    assert (event.subject, event.message_id, event.folder) == ("Grüße", "<1@far.test>", "INBOX")
    assert (event.client, event.tls) == ("127.0.0.1", False)
    assert event.size > len(HELLO)


@on_loop
async def test_mail_among_ourselves_shows_once_in_each_direction(tmp_path: Path) -> None:
    """LOG-02."""
    async with logged(tmp_path, Submission()) as log:
        await log.client.deliver(HELLO, "bob@example.org", sender="alice@example.org")
        assert await log.statuses() == [
            ("alice@example.org", "sent", "sent", "bob@example.org"),
            ("bob@example.org", "received", "received", "bob@example.org"),
        ]
        sent, received = await log.home.activity.trail("<1@far.test>")
        assert sent.message == received.message


@on_loop
async def test_mail_to_a_group_was_sent_once_and_received_by_each(tmp_path: Path) -> None:
    async with logged(tmp_path, Submission()) as log:
        await log.client.deliver(HELLO, "everyone@example.org", sender="alice@example.org")
        assert await log.statuses() == [
            ("alice@example.org", "received", "received", "everyone@example.org"),
            ("alice@example.org", "sent", "sent", "everyone@example.org"),
            ("bob@example.org", "received", "received", "everyone@example.org"),
            ("carol@example.org", "received", "received", "everyone@example.org"),
        ]


@on_loop
async def test_mail_for_elsewhere_is_queued(tmp_path: Path) -> None:
    """LOG-08: queued."""
    async with logged(tmp_path, Submission()) as log:
        await log.client.deliver(HELLO, "Dave@far.test", sender="alice@example.org")
        assert await log.statuses() == [("alice@example.org", "sent", "queued", "dave@far.test")]


@on_loop
async def test_a_redirection_shows_where_it_went(tmp_path: Path) -> None:
    """LOG-08: redirected."""
    async with logged(tmp_path) as log:
        await log.client.deliver(HELLO, "both@example.org")
        assert await log.statuses() == [
            ("alice@example.org", "received", "received", "both@example.org"),
            ("both@example.org", "received", "redirected", "both@example.org"),
            ("both@example.org", "sent", "queued", "far@elsewhere.test"),
        ]


@on_loop
async def test_what_a_group_sends_on_is_in_nobodys_log_and_in_the_trail(tmp_path: Path) -> None:
    """LOG-09."""
    async with logged(tmp_path) as log:
        await log.client.deliver(HELLO, "redirected@example.org")
        assert await log.statuses() == [("", "sent", "queued", "far@elsewhere.test")]


@on_loop
async def test_a_mailbox_that_fails_waits_and_gets_it_later(tmp_path: Path) -> None:
    async with logged(tmp_path) as log:
        broken = await break_mailbox(log.home, tmp_path, BOB)
        await log.client.deliver(HELLO, "everyone@example.org")
        (waiting,) = [event for event in await log.events() if event.address == "bob@example.org"]
        assert waiting.status is Status.QUEUED
        assert waiting.answer is not None
        assert "not well" in waiting.answer.text
        broken.execute("DROP TRIGGER broken")
        retry = local_retry(log.home.queue, log.home.mail, log.home.spool, log.home.threads)
        await retry.look()
        bobs = [event.status for event in await log.events() if event.address == "bob@example.org"]
        assert bobs == [Status.QUEUED, Status.RECEIVED]


@on_loop
async def test_what_a_dead_process_left_is_carried_on_by_the_next(tmp_path: Path) -> None:
    async with logged(tmp_path) as log:
        await log.client.deliver(HELLO)
        log.home.mail.take_eventful()
        assert await log.events() == ()
        await log.home.journal.carry_from(await log.home.mail.accounts())
        await log.home.journal.carry_from(await log.home.mail.accounts())
        assert len(await log.events()) == 1


@on_loop
async def test_events_wait_while_the_log_cannot_be_written(tmp_path: Path) -> None:
    async with logged(tmp_path) as log:
        mail = await log.home.mail.mail(ALICE)
        await log.client.deliver(HELLO)
        database = sqlite3.connect(tmp_path / "server.sqlite", isolation_level=None)
        database.execute("CREATE TRIGGER broken BEFORE INSERT ON activity BEGIN SELECT RAISE(ABORT, 'broken'); END")
        await log.home.journal.carry()
        assert len((await mail.waiting_events())[0]) == 1
        database.execute("DROP TRIGGER broken")
        database.close()
        await log.home.journal.carry_from([ALICE])
        assert (await mail.waiting_events())[0] == []
        assert len(await log.events()) == 1


@on_loop
async def test_refused_recipients_are_in_the_log_with_the_reply(tmp_path: Path) -> None:
    """LOG-08: rejected, over quota. Whoever tries to relay is in no log."""
    async with logged(tmp_path) as log:
        await log.client.ask("MAIL FROM:<carol@far.test>")
        for recipient in ("Nobody+x@example.org", "full@example.org", "tiny@example.org", "dave@elsewhere.test"):
            await log.client.ask(f"RCPT TO:<{recipient}>")
        assert await log.statuses() == [
            ("full@example.org", "received", "over-quota", "full@example.org"),
            ("nobody@example.org", "received", "rejected", "nobody+x@example.org"),
            ("tiny@example.org", "received", "over-quota", "tiny@example.org"),
        ]
        (rejected,) = (await log.home.activity.search(Wanted("nobody@example.org"))).events
        assert rejected.answer == Answer(550, "5.1.1", "No such user here")
        assert (rejected.sender, rejected.client) == ("carol@far.test", "127.0.0.1")


@on_loop
async def test_a_refused_message_is_in_the_log_of_each_recipient(tmp_path: Path) -> None:
    async with logged(tmp_path, limits=SmtpLimits(message_size=500)) as log:
        await log.client.deliver(HELLO + b"x" * 500 + b"\r\n", "alice@example.org", "bob@example.org")
        assert await log.statuses() == [
            ("alice@example.org", "received", "rejected", "alice@example.org"),
            ("bob@example.org", "received", "rejected", "bob@example.org"),
        ]
        assert {event.answer.code for event in await log.events() if event.answer} == {552}


@on_loop
async def test_a_message_in_circles_is_known_by_its_header(tmp_path: Path) -> None:
    async with logged(tmp_path) as log:
        await log.client.deliver(b"Received: by x.test; a day\r\n" * 120 + HELLO)
        (refused,) = await log.events()
        assert (refused.status, refused.answer and refused.answer.enhanced) == (Status.REJECTED, "5.4.6")
        assert (refused.message_id, refused.subject) == ("<1@far.test>", "Grüße")


@on_loop
async def test_what_our_own_people_may_not_send_is_in_their_log(tmp_path: Path) -> None:
    async with logged(tmp_path, Submission()) as log:
        await log.client.ask("MAIL FROM:<alice@example.org>", "RCPT TO:<nobody@example.org>")
        assert await log.statuses() == [("alice@example.org", "sent", "rejected", "nobody@example.org")]


@on_loop
async def test_over_lmtp_each_recipient_has_an_answer_of_its_own(tmp_path: Path) -> None:
    """LOG-08: deferred; the mailbox of Bob is broken."""
    async with logged(tmp_path, Lmtp()) as log:
        await break_mailbox(log.home, tmp_path, BOB)
        await log.client.deliver(HELLO, "alice@example.org", "bob@example.org")
        await log.client.reply()
        assert await log.statuses() == [
            ("alice@example.org", "received", "received", "alice@example.org"),
            ("bob@example.org", "received", "deferred", "bob@example.org"),
        ]


@on_loop
async def test_a_flood_of_refusals_is_counted_and_not_kept(tmp_path: Path) -> None:
    async with logged(tmp_path) as log:
        log.home.journal.note([event(number, status=Status.REJECTED) for number in range(MAX_NOTED + 5)])
        await log.home.journal.carry()
        page = await log.home.activity.search(Wanted(), MAX_NOTED + 5)
        assert len(page.events) == MAX_NOTED
