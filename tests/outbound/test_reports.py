# SPDX-License-Identifier: GPL-3.0-or-later
"""What senders are told, as exact messages (RFC 3461, RFC 3464)."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path
from typing import Any

import pytest

from ikserver.outbound.schedule import Schedule
from ikserver.store.api.queue import QueuedRecipient
from tests.outbound.far import far
from tests.outbound.post import MESSAGE, NOW, post
from tests.support import on_loop

HERE = "192.0.2.1"
HOUR = 3600
FAILURE = """\
Return-Path: <>
From: Mail delivery at mail.example.org <postmaster@mail.example.org>
To: <alice@example.org>
Subject: Undelivered mail returned to sender
Date: Tue, 24 Nov 2026 12:00:00 +0000
Message-ID: <token0@mail.example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="=token1"

--=token1
Content-Type: text/plain; charset=utf-8

This is the mail server mail.example.org.

Your message could not be delivered to:

  bob@far.test
    mx.far.test said: 550 5.1.1 No such user here

The message itself follows.

--=token1
Content-Type: message/delivery-status

Original-Envelope-Id: QQ314+159
Reporting-MTA: dns; mail.example.org
Arrival-Date: Tue, 24 Nov 2026 12:00:00 +0000

Original-Recipient: rfc822;bob+x@far.test
Final-Recipient: rfc822;bob@far.test
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.far.test
Diagnostic-Code: smtp; 550 5.1.1 No such user here
Last-Attempt-Date: Tue, 24 Nov 2026 12:00:00 +0000

--=token1
Content-Type: message/rfc822

Subject: hello

.a line

--=token1--
"""


@on_loop
async def test_a_failure_is_reported_with_the_words_of_the_other_server(tmp_path: Path) -> None:
    async with far({"RCPT": "550 5.1.1 No such user here"}) as there, post(tmp_path, {HERE: there.port}) as office:
        to = QueuedRecipient("bob@far.test", orcpt="rfc822;bob+2Bx@far.test")
        (report,) = await office.sends(to, envid="QQ314+2B159")
        assert (report.sender, report.recipient, report.account) == ("", "alice@example.org", 1)
        assert (await office.report()).splitlines() == FAILURE.splitlines()


@on_loop
async def test_a_report_is_a_message_that_programs_can_read(tmp_path: Path) -> None:
    words = "550 5.7.1 " + "Words without an end about a policy that nobody reads " * 8
    async with far({"end": words}) as there, post(tmp_path, {HERE: there.port}) as office:
        await office.sends("bob@far.test", "carol@far.test")
        report = email.message_from_string(await office.report(), policy=email.policy.default)
        assert report.get_content_type() == "multipart/report"
        text, status, original = report.iter_parts()
        assert text.get_content_type() == "text/plain"
        groups: Any = status.get_payload()
        of_message, first, second = groups
        assert of_message["Reporting-MTA"] == "dns; mail.example.org"
        assert [each["Final-Recipient"] for each in (first, second)] == ["rfc822;bob@far.test", "rfc822;carol@far.test"]
        assert first["Diagnostic-Code"] == f"smtp; {words.strip()}"
        assert original.get_content()["Subject"] == "hello"


@pytest.mark.parametrize(
    ("ret", "kind"), [("", "message/rfc822"), ("FULL", "message/rfc822"), ("HDRS", "text/rfc822-headers")]
)
@on_loop
async def test_the_sender_decides_how_much_comes_back(tmp_path: Path, ret: str, kind: str) -> None:
    """RFC 3461, 4.3."""
    async with far({"RCPT": "550 5.1.1 No"}) as there, post(tmp_path, {HERE: there.port}) as office:
        await office.sends("bob@far.test", ret=ret)
        report = await office.report()
        assert f"Content-Type: {kind}\r\n" in report
        assert ("a line" in report) == (kind == "message/rfc822")


@on_loop
async def test_of_a_large_message_the_header_comes_back(tmp_path: Path) -> None:
    async with far({"RCPT": "550 5.1.1 No"}) as there, post(tmp_path, {HERE: there.port}) as office:
        await office.sends("bob@far.test", body=b"Subject: big\r\n\r\n" + b"many lines\r\n" * 20_000)
        report = await office.report()
        assert "Content-Type: text/rfc822-headers\r\n\r\nSubject: big\r\n" in report
        assert "many lines" not in report


@pytest.mark.parametrize(
    ("notify", "reported"), [("", True), ("FAILURE", True), ("SUCCESS,DELAY", False), ("NEVER", False)]
)
@on_loop
async def test_who_does_not_want_to_know_is_not_told(tmp_path: Path, notify: str, reported: bool) -> None:
    """RFC 3461, 4.1."""
    async with far({"RCPT": "550 5.1.1 No"}) as there, post(tmp_path, {HERE: there.port}) as office:
        assert len(await office.sends(QueuedRecipient("bob@far.test", notify))) == reported


@on_loop
async def test_nothing_is_reported_to_the_null_sender_or_to_nobody(tmp_path: Path) -> None:
    async with far({"RCPT": "550 5.1.1 No"}) as there, post(tmp_path, {HERE: there.port}) as office:
        assert await office.sends("bob@far.test", sender="") == []
        assert await office.sends("bob@far.test", sender="gone@example.org") == []


@on_loop
async def test_a_sender_elsewhere_is_told_by_mail_with_the_null_sender(tmp_path: Path) -> None:
    answers = {"RCPT TO:<bob@far.test>": "550 5.1.1 No"}
    async with far(answers) as there, post(tmp_path, {HERE: there.port}) as office:
        await office.sends("bob@far.test", sender="carol@far.test")
        assert await office.works() == []
        assert "RCPT TO:<carol@far.test> NOTIFY=NEVER" in there.heard
        assert any(line.startswith("MAIL FROM:<> SIZE=") for line in there.heard)
        assert there.messages[-1].startswith(b"From: Mail delivery at mail.example.org")


@on_loop
async def test_a_delay_is_told_once_and_the_end_of_patience_as_a_failure(tmp_path: Path) -> None:
    schedule = Schedule(chance=lambda: 0.5)
    async with (
        far({"RCPT": "451 4.7.1 Later"}) as there,
        post(tmp_path, {HERE: there.port}, schedule=schedule) as office,
    ):
        (left,) = await office.sends("bob@far.test")
        waits = []
        reports = []
        while left.next_attempt is not None:
            waits.append(left.next_attempt - int(office.clock.now))
            office.clock.now = left.next_attempt
            found = {entry.sender: entry for entry in await office.works()}
            if "" in found:
                reports.append((int(office.clock.now) - NOW, await office.report()))
                await office.queue.done(found[""].id)
            if "alice@example.org" not in found:
                break
            left = found["alice@example.org"]
        assert waits[:10] == [60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600]
        assert sum(waits) == 5 * 24 * HOUR
        (delay_at, delay), (end_at, end) = reports
        assert 4 * HOUR <= delay_at < 5 * HOUR
        assert "Subject: Mail is delayed, still trying\r\n" in delay
        assert "Action: delayed\r\nStatus: 4.7.1\r\n" in delay
        assert "Will-Retry-Until: Sun, 29 Nov 2026 12:00:00 +0000\r\n" in delay
        assert end_at == 5 * 24 * HOUR
        assert "Action: failed\r\nStatus: 5.4.7\r\nRemote-MTA: dns; mx.far.test\r\n" in end
        assert "Diagnostic-Code: smtp; 451 4.7.1 Later\r\n" in end


@on_loop
async def test_success_is_told_when_the_next_server_sends_no_reports(tmp_path: Path) -> None:
    """RFC 3461, 5.2.2."""
    async with far(offers=["PIPELINING"]) as there, post(tmp_path, {HERE: there.port}) as office:
        await office.sends(QueuedRecipient("bob@far.test", "SUCCESS"), "carol@far.test", body=MESSAGE)
        report = await office.report()
        assert "Subject: Mail was passed on\r\n" in report
        assert "Final-Recipient: rfc822;bob@far.test\r\nAction: relayed\r\nStatus: 2.0.0\r\n" in report
        assert "carol" not in report


@on_loop
async def test_success_is_left_to_a_server_that_sends_reports(tmp_path: Path) -> None:
    async with far(offers=["DSN"]) as there, post(tmp_path, {HERE: there.port}) as office:
        assert await office.sends(QueuedRecipient("bob@far.test", "SUCCESS")) == []
