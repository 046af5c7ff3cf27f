# SPDX-License-Identifier: GPL-3.0-or-later
"""SpamAssassin's own spamd judges and learns; one that is slow or gone holds up nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ikserver.model.ids import AccountId, OrganisationId
from ikserver.model.spam import Household, Verdict
from ikserver.spam.api import Examined, FilterDown
from ikserver.spam.guard import Guarded, Patience
from ikserver.spam.place import Tcp
from ikserver.spam.spamd import Spamd
from protocols.message import scan
from tests.spam.house import House
from tests.spam.letters import GTUBE
from tests.spam.spamassassin import PROGRAM, spamd
from tests.support import on_loop

needs_spamd = pytest.mark.skipif(not Path(PROGRAM).exists(), reason="needs spamd (Debian package spamd)")


def examined(text: str, *, whole: bool = True) -> Examined:
    octets = f"From: Eve <eve@far.test>\r\nTo: ann@example.org\r\nSubject: hello\r\n\r\n{text}".encode()
    return Examined(Household(AccountId(1), OrganisationId(1)), octets, scan(octets), whole)


@pytest.fixture(scope="module")
def socket() -> Iterator[Path]:
    with spamd() as socket:
        yield socket


@needs_spamd
@on_loop
async def test_it_tells_spam_and_says_why(socket: Path) -> None:
    verdict = await Spamd(socket).judge(examined(GTUBE))
    assert (verdict.spam, verdict.threshold) == (True, 5.0)
    assert verdict.score >= 1000
    assert "GTUBE" in verdict.reasons


@needs_spamd
@on_loop
async def test_a_message_without_an_end_of_line_is_answered(socket: Path) -> None:
    verdict = await Spamd(socket).judge(examined("Good day."))
    assert not verdict.spam


@needs_spamd
@on_loop
async def test_it_learns_unlearns_and_forgets(socket: Path) -> None:
    filter = Spamd(socket)
    for lesson in (True, False, None):
        await filter.teach(examined("Cheap pills, very cheap pills, and watches."), lesson)


@needs_spamd
@on_loop
async def test_its_verdict_is_what_mail_is_filed_by(house: House, socket: Path) -> None:
    filing = house.filing(Guarded(Spamd(socket), Patience(), time.monotonic), defer=True)
    assert (await house.file(GTUBE, filing=filing)).folder == "Junk"
    filed = await house.file("Good day.", filing=filing)
    assert filed.folder == "INBOX"
    assert b"X-Spam-Status: No, score=" in filed.fields


@on_loop
async def test_what_is_too_large_is_not_sent(tmp_path: Path) -> None:
    verdict = await Spamd(tmp_path / "nobody").judge(examined("Good day.", whole=False))
    assert (verdict.spam, verdict.reasons) == (False, ("TOO_LARGE",))


@on_loop
async def test_nobody_there_is_down(tmp_path: Path) -> None:
    with pytest.raises(FilterDown):
        await Spamd(tmp_path / "nobody").judge(examined("Good day."))


@on_loop
async def test_after_some_failures_it_is_not_asked_for_a_while() -> None:
    asked = 0

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.read()
        writer.close()

    now = 1000.0
    server = await asyncio.start_server(silent, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    guarded = Guarded(Spamd(Tcp("127.0.0.1", port)), Patience(failures=3, pause=30.0), lambda: now)
    for _ in range(10):
        with pytest.raises(FilterDown):
            await guarded.judge(examined("Good day."))
    assert asked == 3
    now += 31
    for _ in range(10):
        with pytest.raises(FilterDown):
            await guarded.judge(examined("Good day."))
    assert asked == 4
    server.close()


class Slow:
    """A filter that thinks for ever about some messages."""

    async def judge(self, message: Examined) -> Verdict:
        if message.scan.search.body == "slow":
            await asyncio.Event().wait()
        return Verdict(1.0, 5.0, False)

    async def teach(self, message: Examined, spam: bool | None) -> None:
        return None


@on_loop
async def test_a_slow_answer_is_not_waited_for_and_others_are_answered_meanwhile() -> None:
    guarded = Guarded(Slow(), Patience(deadline=0.2, at_once=2), asyncio.get_running_loop().time)
    slow = asyncio.ensure_future(guarded.judge(examined("slow")))
    assert (await guarded.judge(examined("quick"))).score == 1.0
    with pytest.raises(FilterDown):
        await slow
    assert (await guarded.judge(examined("quick"))).score == 1.0
