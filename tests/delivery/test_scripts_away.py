# SPDX-License-Identifier: GPL-3.0-or-later
"""A person on holiday, and what leaves in her name."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.delivery.scripted import MESSAGE, home
from tests.support import on_loop

AWAY = 'require "vacation"; vacation :days 7 :subject "On holiday" "I am back in December.";'

ANSWER = """\
From: ann@example.org
To: eve@far.test
Subject: On holiday
In-Reply-To: <17@far.test>
References: <17@far.test>
Auto-Submitted: auto-replied
Date: ...
Message-ID: <...@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

I am back in December.
"""


def also(field: str) -> bytes:
    """The usual message with another field."""
    return field.encode() + b"\r\n" + MESSAGE


OTHERS = {
    "a list": (also("List-Id: <cats.far.test>"), "cats-bounces@far.test"),
    "another list": (also("List-Unsubscribe: <https://far.test/>"), "eve@far.test"),
    "mail to many": (also("Precedence: bulk"), "eve@far.test"),
    "a robot": (also("Auto-Submitted: auto-generated"), "robot@far.test"),
    "a report": (MESSAGE, ""),
    "a daemon": (MESSAGE, "MAILER-DAEMON@far.test"),
    "nobody who reads": (MESSAGE, "noreply@far.test"),
    "himself": (MESSAGE.replace(b"eve@far.test", b"ann@example.org"), "ann@example.org"),
    "a copy to nobody": (MESSAGE.replace(b"To: ann@example.org", b"To: undisclosed-recipients:;"), "eve@far.test"),
}


@on_loop
async def test_a_stranger_is_answered_and_only_once_whoever_else_writes(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script(AWAY)
        for message, sender in [(MESSAGE, "eve@far.test"), *OTHERS.values(), (MESSAGE, "Eve@FAR.test")]:
            assert await ours.deliver(message, sender=sender) == [""]
        assert await ours.queued() == [("", "eve@far.test")]
        assert await ours.folders() == {"INBOX": len(OTHERS) + 2}
        (answer,) = await ours.sent()
        assert _without_chance(answer) == ANSWER.replace("\n", "\r\n")


def _without_chance(octets: bytes) -> str:
    """Date and Message-ID are other ones each time."""
    return re.sub(r"(Date: |Message-ID: <)[^\r@]+", r"\1...", octets.decode())


@pytest.mark.parametrize("who", OTHERS)
@on_loop
async def test_nobody_else_is_answered(tmp_path: Path, who: str) -> None:
    message, sender = OTHERS[who]
    async with home(tmp_path) as ours:
        await ours.script(AWAY)
        await ours.deliver(message, sender=sender)
        assert await ours.queued() == []


@on_loop
async def test_what_waits_for_a_mailbox_is_decided_when_it_comes_in(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script(AWAY)
        await ours.deliver(sender="first@far.test")
        database = sqlite3.connect(tmp_path / "mail" / str(ours.ann.id) / "mail.sqlite", isolation_level=None)
        database.execute("CREATE TRIGGER broken BEFORE INSERT ON bodies BEGIN SELECT RAISE(ABORT, 'not well'); END")
        assert await ours.deliver(MESSAGE, "ann@example.org", "bob@example.org", each=False) == [""]
        assert await ours.queued() == [("", "first@far.test"), ("eve@far.test", "ann@example.org")]
        database.execute("DROP TRIGGER broken")
        await ours.retry.look()
        assert await ours.queued() == [("", "first@far.test"), ("", "eve@far.test")]
        assert await ours.folders() == {"INBOX": 2}


@on_loop
async def test_what_a_sender_wishes_to_hear_goes_with_what_is_redirected(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('redirect "bob@else.test";')
        await ours.deliver(notify="NEVER")
        batch = await ours.stores.queue.claim(1 << 40, [], lambda _: 10)
        assert batch is not None
        assert [to.to.notify for message in batch.messages for to in message.recipients] == ["NEVER"]


@on_loop
async def test_answers_are_ours_to_sign_and_bring_no_reports(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script(AWAY)
        await ours.deliver()
        batch = await ours.stores.queue.claim(1 << 40, [], lambda _: 10)
        assert batch is not None
        (message,) = batch.messages
        assert (message.submitter, message.recipients[0].to.notify) == ("ann@example.org", "NEVER")
