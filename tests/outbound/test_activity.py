# SPDX-License-Identifier: GPL-3.0-or-later
"""What the activity log is told of mail for elsewhere (LOG-08)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ikserver.model.activity import Direction, Event, Status
from ikserver.store.api.queue import QueuedRecipient
from ikserver.store.embedded.activity_rows import decode
from tests.outbound.far import far
from tests.outbound.post import NOW, post
from tests.support import on_loop

QUEUED = Event(NOW * 1000, Direction.SENT, Status.QUEUED, "alice@example.org", "bob@far.test", "id1")


def events(root: Path) -> list[Event]:
    """All that the log of the data directory has, in order."""
    rows = sqlite3.connect(root / "server.sqlite").execute("SELECT event FROM activity ORDER BY id")
    return [decode(row[0]) for row in rows]


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ("250 2.0.0 Taken", Status.SENT, (250, "2.0.0", "Taken", "mx.far.test")),
        ("451 4.7.1 Later", Status.DEFERRED, (451, "4.7.1", "Later", "mx.far.test")),
        ("550 5.7.1 Never", Status.BOUNCED, (550, "5.7.1", "Never", "mx.far.test")),
    ],
)
@on_loop
async def test_each_attempt_is_an_event(
    tmp_path: Path, answer: str, status: Status, words: tuple[int, str, str, str]
) -> None:
    async with far({"end": answer}) as there, post(tmp_path, {"192.0.2.1": there.port}) as office:
        await office.sends(QueuedRecipient("bob@far.test", event=QUEUED))
        first, second = [event for event in events(tmp_path) if event.message == "id1"]
        assert first.status is Status.QUEUED
        assert (second.status, second.attempt, second.recipient) == (status, 1, "bob@far.test")
        told = second.answer
        assert told is not None
        assert (told.code, told.enhanced, told.text, told.host) == words


@on_loop
async def test_a_report_is_a_message_in_the_log_of_whoever_gets_it(tmp_path: Path) -> None:
    async with far({"end": "550 5.7.1 Never"}) as there, post(tmp_path, {"192.0.2.1": there.port}) as office:
        await office.sends("bob@far.test")
        (told,) = events(tmp_path)
        assert (told.direction, told.status, told.address) == (Direction.RECEIVED, Status.QUEUED, "alice@example.org")
        assert (told.header_from, told.sender) == ("postmaster@mail.example.org", "")
        assert (told.subject, told.message_id) == ("Undelivered mail returned to sender", "<token0@mail.example.org>")


@on_loop
async def test_a_report_that_goes_elsewhere_is_in_nobodys_log(tmp_path: Path) -> None:
    """It is ours. Who asks for its Message-ID hears what became of it."""
    refusing = {"RCPT TO:<bob@far.test>": "550 5.7.1 Never"}
    async with far(refusing) as there, post(tmp_path, {"192.0.2.1": there.port}) as office:
        await office.sends("bob@far.test", sender="carol@far.test")
        assert await office.works() == []
        queued, sent = events(tmp_path)
        assert (queued.direction, queued.status, queued.recipient) == (Direction.SENT, Status.QUEUED, "carol@far.test")
        assert (sent.status, sent.address, sent.message) == (Status.SENT, "", queued.message)
