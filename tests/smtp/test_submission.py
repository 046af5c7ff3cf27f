# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports 587 and 465: people sign in, send as themselves, and to anywhere."""

from __future__ import annotations

import base64
import email
import re
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from ikserver.model.activity import Direction, Status, Wanted
from ikserver.model.changes import Revoked
from ikserver.model.tls import TlsWish
from ikserver.smtp.limits import SmtpLimits
from ikserver.smtp.submission import Submission
from tests.outbound.post import local_retry
from tests.smtp.house import ALICE, BOB, PASSWORD, Client, House, house, received_body, scram_proof
from tests.support import on_loop

UNTIL = "HOLDUNTIL=2100-12-24T19:00:00+01:00"
MESSAGE = b"Date: Tue, 24 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@x.test>\r\nSubject: hello\r\n\r\nA line.\r\n"


def b64(data: bytes | str) -> str:
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def plain(user: str = "alice@example.org", password: str = PASSWORD) -> str:
    return "AUTH PLAIN " + b64(f"\0{user}\0{password}")


async def secure(home: House) -> Client:
    """A client on port 587 after STARTTLS and EHLO."""
    client = await Client.connect(home.port)
    await client.ask("EHLO laptop.test")
    assert await client.start_tls(home.tls) == "220 2.0.0 Ready to start TLS"
    await client.ask("EHLO laptop.test")
    return client


@on_loop
async def test_auth_is_offered_under_tls_only(tmp_path: Path) -> None:
    async with house(tmp_path, role=Submission()) as home:
        client = await Client.connect(home.port)
        clear = await client.ask("EHLO laptop.test")
        assert "AUTH" not in clear
        assert "250-STARTTLS" in clear
        assert await client.ask(plain()) == "538 5.7.11 Encryption required: STARTTLS first"
        assert await client.ask("MAIL FROM:<alice@example.org>") == "530 5.7.0 Authentication required"
        await client.start_tls(home.tls)
        assert await client.ask("MAIL FROM:<alice@example.org>") == "503 5.5.1 Say hello first"
        encrypted = await client.ask("EHLO laptop.test")
        assert "250-AUTH SCRAM-SHA-256 PLAIN LOGIN\n" in encrypted
        assert "STARTTLS" not in encrypted
        assert await client.ask("STARTTLS") == "503 5.5.1 TLS is active already"
        assert await client.ask(plain()) == "235 2.7.0 Authentication successful"


@on_loop
async def test_on_port_465_tls_comes_first(tmp_path: Path) -> None:
    async with house(tmp_path, role=Submission(), implicit_tls=True) as home:
        client = await Client.connect(home.port, home.tls)
        assert "STARTTLS" not in await client.ask("EHLO laptop.test")
        assert await client.ask("STARTTLS") == "503 5.5.1 TLS is active already"
        assert await client.ask(plain()) == "235 2.7.0 Authentication successful"
        await client.ask("MAIL FROM:<alice@example.org>", "RCPT TO:<bob@example.org>", "DATA")
        assert (await client.ask(MESSAGE + b".")).startswith("250 ")


@on_loop
async def test_plaintext_login_from_loopback_where_it_is_allowed(tmp_path: Path) -> None:
    async with house(tmp_path, role=Submission(), plaintext_login=True) as home:
        client = await Client.connect(home.port)
        assert "250-AUTH " in await client.ask("EHLO laptop.test")
        assert await client.ask(plain()) == "235 2.7.0 Authentication successful"


@on_loop
async def test_mail_goes_home_and_elsewhere_with_its_trace(tmp_path: Path) -> None:
    async with house(tmp_path, role=Submission()) as home:
        client = await secure(home)
        await client.ask(plain(), "MAIL FROM:<alice@example.org> BODY=8BITMIME RET=FULL ENVID=e+2B1")
        assert await client.ask("RCPT TO:<alice@example.org>") == "250 2.1.5 Recipient OK"
        assert await client.ask("RCPT TO:<far@elsewhere.test> NOTIFY=SUCCESS,FAILURE") == "250 2.1.5 Recipient OK"
        await client.ask("DATA")
        assert (await client.ask(MESSAGE + b".")).startswith("250 2.0.0 Accepted as ")
        (stored,) = await home.inbox()
        assert b"with ESMTPSA id" in stored
        assert received_body(stored) == MESSAGE
        (entry,) = await home.queue.entries()
        assert (entry.sender, entry.recipient) == ("alice@example.org", "far@elsewhere.test")
        body = await home.queue.body(entry.message)
        assert isinstance(body, bytes)
        assert body.startswith(b"Received: from laptop.test ")
        assert body.endswith(MESSAGE)


@on_loop
async def test_date_and_message_id_are_added_where_they_are_missing(tmp_path: Path) -> None:
    async with house(tmp_path, role=Submission()) as home:
        client = await secure(home)
        await client.ask(plain())
        assert (await client.deliver(b"Subject: x\r\n\r\nbody\r\n", sender="alice@example.org")).startswith("250 ")
        assert (await client.deliver(b"only words\r\n", sender="alice@example.org")).startswith("250 ")
        first, second = map(email.message_from_bytes, await home.inbox())
        assert first["Date"].endswith(" +0000")
        assert first["Message-ID"].endswith("@mail.example.org>")
        assert first["Subject"] == "x"
        assert (second["Message-ID"][:1], second.get_payload()) == ("<", "only words\r\n")


@pytest.mark.parametrize(
    ("sender", "reply"),
    [
        ("<alice@example.org>", "250 2.1.0 "),
        ("<alias@example.org>", "250 2.1.0 "),
        ("<>", "250 2.1.0 "),
        ("<bob@example.org>", "553 5.7.1 "),
        ("<someone@elsewhere.test>", "553 5.7.1 "),
        ("<alice@example.org> AUTH=<>", "250 2.1.0 "),
    ],
)
@on_loop
async def test_the_sender_must_be_ones_own(tmp_path: Path, sender: str, reply: str) -> None:
    async with house(tmp_path, role=Submission()) as home:
        client = await secure(home)
        await client.ask(plain())
        assert (await client.ask(f"MAIL FROM:{sender}")).startswith(reply)


@on_loop
async def test_login_asks_for_name_and_password(tmp_path: Path) -> None:
    async with house(tmp_path, role=Submission()) as home:
        client = await secure(home)
        assert await client.ask("AUTH LOGIN") == "334 VXNlcm5hbWU6"
        assert await client.ask(b64("alice@example.org")) == "334 UGFzc3dvcmQ6"
        assert await client.ask(b64(PASSWORD)) == "235 2.7.0 Authentication successful"
        assert await client.ask(plain()) == "503 5.5.1 Already authenticated"


@on_loop
async def test_scram_proves_the_password_without_telling_it(tmp_path: Path) -> None:
    async with house(tmp_path, role=Submission()) as home:
        client = await secure(home)
        first = "n=alice@example.org,r=abc"
        answer = await client.ask("AUTH SCRAM-SHA-256 " + b64("n,," + first))
        server = base64.b64decode(answer.removeprefix("334 ")).decode()
        fields = dict(field.split("=", 1) for field in server.split(","))
        final = f"c=biws,r={fields['r']}"
        salt, rounds = base64.b64decode(fields["s"]), int(fields["i"])
        proof = scram_proof(PASSWORD, salt, rounds, f"{first},{server},{final}".encode())
        assert (await client.ask(b64(f"{final},p={b64(proof)}"))).startswith("334 dj")
        assert await client.ask("") == "235 2.7.0 Authentication successful"


@pytest.mark.parametrize(
    ("commands", "reply"),
    [
        ([plain(password="wrong")], "535 5.7.8 "),
        ([plain(user="nobody@example.org")], "535 5.7.8 "),
        ([plain(user="locked@example.org")], "454 4.7.0 "),
        ([plain(user="disabled@example.org")], "535 5.7.13 "),
        (["AUTH CRAM-MD5"], "504 5.5.4 "),
        (["AUTH"], "501 5.5.4 "),
        (["AUTH PLAIN a b"], "501 5.5.4 "),
        (["AUTH PLAIN ***"], "501 5.5.2 "),
        (["AUTH PLAIN", "*"], "501 5.7.0 "),
        (["AUTH PLAIN", "AAAA"], "501 5.5.2 "),
        (["AUTH LOGIN", "not base64!"], "501 5.5.2 "),
        (["MAIL FROM:<>"], "530 5.7.0 "),
    ],
    ids=lambda value: str(value)[:30],
)
@on_loop
async def test_a_failed_login_is_told_and_the_session_goes_on(tmp_path: Path, commands: list[str], reply: str) -> None:
    async with house(tmp_path, role=Submission()) as home:
        client = await secure(home)
        assert (await client.ask(*commands)).startswith(reply)
        assert await client.ask(plain()) == "235 2.7.0 Authentication successful"


@on_loop
async def test_auth_is_refused_while_a_message_is_under_way(tmp_path: Path) -> None:
    async with house(tmp_path, role=Submission(), plaintext_login=True) as home:
        client = await Client.connect(home.port)
        assert await client.ask(plain()) == "503 5.5.1 Say hello first"
        await client.ask("EHLO laptop.test", plain(), "MAIL FROM:<alice@example.org>")
        assert await client.ask(plain()) == "503 5.5.1 Already authenticated"


@on_loop
async def test_starttls_forgets_who_signed_in(tmp_path: Path) -> None:
    async with house(tmp_path, role=Submission(), plaintext_login=True) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO laptop.test", plain())
        await client.start_tls(home.tls)
        await client.ask("EHLO laptop.test")
        assert await client.ask("MAIL FROM:<alice@example.org>") == "530 5.7.0 Authentication required"


@on_loop
async def test_a_client_that_does_not_speak_tls_after_starttls_is_let_go(tmp_path: Path) -> None:
    async with house(tmp_path, role=Submission()) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO laptop.test", "STARTTLS")
        client.writer.write(b"EHLO again\r\n")
        assert await client.reader.read() == b""


@on_loop
async def test_a_revoked_login_ends_at_once(tmp_path: Path) -> None:
    async with house(tmp_path, role=Submission(), plaintext_login=True) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO laptop.test", plain())
        home.changes.publish(Revoked(BOB))
        home.changes.publish(Revoked(ALICE, 17))
        assert await client.ask("NOOP") == "250 2.0.0 OK"
        home.changes.publish(Revoked(ALICE))
        assert await client.reply() == "421 4.7.0 The login is no longer valid; closing the connection"


@on_loop
async def test_scram_can_be_switched_off(tmp_path: Path) -> None:
    limits = SmtpLimits(scram=False, tarpit=0)
    async with house(tmp_path, role=Submission(), plaintext_login=True, limits=limits) as home:
        client = await Client.connect(home.port)
        assert "250-AUTH PLAIN LOGIN\n" in await client.ask("EHLO laptop.test")
        assert (await client.ask("AUTH SCRAM-SHA-256 " + b64("n,,n=a,r=b"))).startswith("504 5.5.4 ")


@on_loop
async def test_the_recipient_above_the_daily_limit_has_to_wait(tmp_path: Path) -> None:
    """LIM-01: each recipient counts one, and what was refused counts nothing."""
    async with house(tmp_path, role=Submission(), daily_recipients=3) as home:
        client = await secure(home)
        await client.ask(plain(), "MAIL FROM:<alice@example.org>", "RCPT TO:<a@far.test>", "RCPT TO:<b@far.test>")
        assert (await client.ask("DATA", MESSAGE + b".")).startswith("250 ")
        await client.ask("MAIL FROM:<alice@example.org>")
        assert (await client.ask("RCPT TO:<c@far.test>")).startswith("250 ")
        assert await client.ask("RCPT TO:<d@far.test>") == (
            "450 4.7.1 The limit of 3 recipients in 24 hours is reached for your address; try again later"
        )
        other = await secure(home)
        await other.ask(plain(), "MAIL FROM:<alice@example.org>", "RCPT TO:<e@far.test>")
        assert (await client.ask("DATA", MESSAGE + b".")).startswith("250 ")
        # Both had room when they asked; the one who was quicker has it.
        assert (await other.ask("DATA", MESSAGE + b".")).startswith("450 4.7.1 The limit of 3 recipients")
        assert [entry.recipient for entry in await home.queue.entries()] == ["a@far.test", "b@far.test", "c@far.test"]
        assert list(home.spool.iterdir()) == []
        await home.journal.carry()
        refused = (await home.activity.search(Wanted(status=Status.DEFERRED))).events
        assert [(event.address, event.recipient) for event in refused] == [
            ("alice@example.org", "e@far.test"),
            ("alice@example.org", "d@far.test"),
        ]


@on_loop
async def test_who_asks_for_it_is_told_of_a_delivery(tmp_path: Path) -> None:
    """RFC 3461, 5.2.3. Nothing is told of those who did not ask, or of what only was queued."""
    async with house(tmp_path, role=Submission()) as home:
        client = await secure(home)
        await client.ask(plain(), "MAIL FROM:<alice@example.org> RET=HDRS ENVID=e+2B1")
        await client.ask("RCPT TO:<bob@example.org> NOTIFY=SUCCESS ORCPT=rfc822;b@example.org")
        await client.ask("RCPT TO:<carol@example.org>", "RCPT TO:<far@elsewhere.test> NOTIFY=SUCCESS")
        assert (await client.ask("DATA", MESSAGE + b".")).startswith("250 ")
        report = [entry for entry in await home.queue.entries() if not entry.sender]
        assert [(entry.recipient, entry.account) for entry in report] == [("alice@example.org", ALICE)]
        body = await home.queue.body(report[0].message)
        assert isinstance(body, bytes)
        assert (
            b"Original-Recipient: rfc822;b@example.org\r\nFinal-Recipient: rfc822;bob@example.org\r\n"
            b"Action: delivered\r\nStatus: 2.1.5\r\n"
        ) in body
        assert b"Original-Envelope-Id: e+1\r\n" in body
        assert b"Subject: hello\r\n" in body
        assert b"A line." not in body
        assert b"carol" not in body
        assert b"elsewhere" not in body


async def log_of(home: House, address: str) -> list[tuple[str, str]]:
    """Status and recipient of what its log has."""
    await home.journal.carry_from([ALICE, BOB])
    page = await home.activity.search(Wanted(address))
    return sorted((event.status.value, event.recipient) for event in page.events)


@on_loop
async def test_a_message_for_later_waits_in_the_queue(tmp_path: Path) -> None:
    """RFC 4865, 4.2."""
    async with house(tmp_path, role=Submission()) as home:
        client = await secure(home)
        offered = await client.ask(plain(), "EHLO laptop.test")
        assert re.search(r"250-FUTURERELEASE 2592000 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n", offered)
        await client.ask("MAIL FROM:<alice@example.org> HOLDFOR=3600", "RCPT TO:<bob@example.org>")
        await client.ask("RCPT TO:<far@elsewhere.test>")
        assert (await client.ask("DATA", MESSAGE + b".")).startswith("250 ")
        assert await home.inbox(BOB) == []
        waiting = await home.queue.entries()
        assert {entry.recipient for entry in waiting} == {"bob@example.org", "far@elsewhere.test"}
        now = time.time()
        assert all(now + 3500 < (entry.next_attempt or 0) <= now + 3601 for entry in waiting)
        assert await home.queue.claim(int(now) + 3500, (), lambda domain: 10) is None
        assert await home.queue.claim(int(now) + 3602, (), lambda domain: 10) is not None
        assert await log_of(home, "bob@example.org") == []
        assert await log_of(home, "alice@example.org") == [
            ("queued", "bob@example.org"),
            ("queued", "far@elsewhere.test"),
        ]
        later = local_retry(home.queue, home.mail, home.spool, home.threads, clock=lambda: now + 3602)
        assert await later.look() == 1
        assert [received_body(body) for body in await home.inbox(BOB)] == [MESSAGE]
        assert await log_of(home, "bob@example.org") == [("received", "bob@example.org")]
        assert ("sent", "bob@example.org") in await log_of(home, "alice@example.org")


@on_loop
async def test_messages_for_later_may_take_so_much_room(tmp_path: Path) -> None:
    """RFC 4865, 6. What goes at once is not counted, nor what others have waiting."""
    async with house(tmp_path, role=Submission(), limits=SmtpLimits(held_size=1000, tarpit=0)) as home:
        client = await secure(home)
        full = "552 5.7.16 Your messages that wait for their time take all the room that they may"
        assert await client.ask(plain(), "MAIL FROM:<alice@example.org> HOLDFOR=60 SIZE=1001") == full
        for hold in "", " HOLDFOR=60":
            await client.ask(f"MAIL FROM:<alice@example.org>{hold}", "RCPT TO:<far@elsewhere.test>", "DATA")
            assert (await client.ask(MESSAGE + b"x" * 900 + b"\r\n.")).startswith("250 ")
        assert await client.ask("MAIL FROM:<alice@example.org> HOLDFOR=60") == full
        assert (await client.ask("MAIL FROM:<alice@example.org>")).startswith("250 ")
        assert await home.queue.held("bob@example.org") == 0


@pytest.mark.parametrize(("parameter", "request_"), [("HOLDFOR=60", "for;60"), (UNTIL, "until;2100-12-24T18:00:00Z")])
@on_loop
async def test_a_report_on_a_message_for_later_tells_of_that(tmp_path: Path, parameter: str, request_: str) -> None:
    """RFC 4865, 5.1.2. It arrived when it was submitted, and is delivered after its release."""
    limits = SmtpLimits(hold=10**10, tarpit=0)
    async with house(tmp_path, role=Submission(), limits=limits) as home:
        client = await secure(home)
        await client.ask(plain(), f"MAIL FROM:<alice@example.org> ENVID=e1 {parameter}")
        await client.ask("RCPT TO:<bob@example.org> NOTIFY=SUCCESS ORCPT=rfc822;b@example.org", "DATA")
        assert (await client.ask(MESSAGE + b".")).startswith("250 ")
        (waiting,) = await home.queue.entries()
        assert waiting.released > waiting.queued
        released = float(waiting.released)
        later = local_retry(home.queue, home.mail, home.spool, home.threads, clock=lambda: released)
        assert await later.look() == 1
        (report,) = await home.queue.entries()
        assert (report.sender, report.recipient) == ("", "alice@example.org")
        body = await home.queue.body(report.message)
        assert isinstance(body, bytes)
        arrived = format_datetime(datetime.fromtimestamp(waiting.queued, UTC)).encode()
        assert b"Arrival-Date: " + arrived + b"\r\nFuture-Release-Request: " + request_.encode() + b"\r\n" in body
        assert b"Original-Recipient: rfc822;b@example.org\r\n" in body
        assert b"Action: delivered\r\nStatus: 2.1.5\r\n" in body
        # The report is a message in the log of whoever gets it.
        (told,) = (await home.activity.search(Wanted("alice@example.org", Direction.RECEIVED))).events
        assert (told.status, told.subject) == (Status.QUEUED, "Mail was delivered")


@pytest.mark.parametrize(
    "hold",
    [
        "HOLDFOR=2592001",
        "HOLDFOR=0",
        "HOLDFOR=soon",
        "HOLDUNTIL=2999-12-24T18:00:00Z",
        "HOLDUNTIL=tomorrow",
        "HOLDUNTIL=2026-13-24T18:00:00Z",
        "HOLDFOR=1 HOLDUNTIL=2026-12-24T18:00:00Z",
    ],
)
@on_loop
async def test_a_time_that_is_none_or_too_far_is_refused(tmp_path: Path, hold: str) -> None:
    async with house(tmp_path, role=Submission()) as home:
        client = await secure(home)
        answer = await client.ask(plain(), f"MAIL FROM:<alice@example.org> {hold}")
        assert answer.startswith("501 5.5.4 ")


@on_loop
async def test_a_message_may_require_tls_on_its_whole_way(tmp_path: Path) -> None:
    """RFC 8689, 2 and 4.1: it is kept with the message, and goes before what its header says."""
    async with house(tmp_path, role=Submission()) as home:
        client = await Client.connect(home.port)
        assert "REQUIRETLS" not in await client.ask("EHLO laptop.test")
        await client.start_tls(home.tls)
        assert "250-REQUIRETLS\n" in await client.ask("EHLO laptop.test", plain(), "EHLO laptop.test")
        assert await client.ask("MAIL FROM:<alice@example.org> REQUIRETLS=yes") == "501 5.5.4 REQUIRETLS takes no value"
        optional = b"TLS-Required: No\r\n"
        for parameter, header in ((" REQUIRETLS", optional), ("", optional), ("", b"")):
            await client.ask(f"MAIL FROM:<alice@example.org>{parameter}", "RCPT TO:<far@elsewhere.test>")
            await client.ask("RCPT TO:<bob@example.org>")
            assert (await client.ask("DATA", header + MESSAGE + b".")).startswith("250 ")
        batch = await home.queue.claim(1 << 40, (), lambda domain: 10)
        assert batch is not None
        wishes = [message.tls for message in batch.messages]
        assert wishes == [TlsWish.REQUIRED, TlsWish.NOT_REQUIRED, TlsWish.USUAL]
        assert len(await home.inbox(BOB)) == 3
