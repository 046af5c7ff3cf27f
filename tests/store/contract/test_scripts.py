# SPDX-License-Identifier: GPL-3.0-or-later
"""Sieve scripts of an account, and what they decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from ikserver.model.activity import Direction, Event, Status
from ikserver.model.mail import SpooledFile
from ikserver.model.scripts import Decided, Mark, Placed, Post, Script, ScriptEntry
from ikserver.store.api.errors import (
    CannotChange,
    NoSuchScript,
    OverQuota,
    ScriptActive,
    ScriptExists,
    ScriptTooLarge,
    TooManyScripts,
)
from ikserver.store.api.mail import Mail
from ikserver.store.api.scripts import MAX_SCRIPT_OCTETS, MAX_SCRIPTS
from tests.store.contract.conftest import ANN, Workers
from tests.store.mails import message
from tests.support import on_loop

EVENT = Event(1_000, Direction.RECEIVED, Status.FILED, "ann@example.org", "ann@example.org", "id", folder="Work")


@on_loop
async def test_scripts_are_kept_listed_and_changed(mail: Mail) -> None:
    assert await mail.scripts.list() == []
    await mail.scripts.put("work", b"keep;")
    await mail.scripts.put("ärger", b"discard;")
    await mail.scripts.put("work", b"stop;")
    assert await mail.scripts.list() == [ScriptEntry("work", False, 5), ScriptEntry("ärger", False, 8)]
    assert await mail.scripts.get("work") == b"stop;"
    await mail.scripts.delete("ärger")
    with pytest.raises(NoSuchScript):
        await mail.scripts.get("ärger")


@on_loop
async def test_one_script_is_active_and_stays_so(mail: Mail) -> None:
    await mail.scripts.put("one", b"keep;")
    await mail.scripts.put("two", b"stop;")
    assert await mail.scripts.active() is None
    await mail.scripts.activate("one")
    await mail.scripts.activate("two")
    await mail.scripts.put("two", b"discard;")
    await mail.scripts.rename("two", "three")
    assert await mail.scripts.active() == Script("three", b"discard;")
    with pytest.raises(ScriptActive):
        await mail.scripts.delete("three")
    await mail.scripts.activate(None)
    assert await mail.scripts.active() is None


@on_loop
async def test_a_script_that_is_not_there_leaves_the_active_one(mail: Mail) -> None:
    await mail.scripts.put("one", b"keep;")
    await mail.scripts.activate("one")
    with pytest.raises(NoSuchScript):
        await mail.scripts.activate("two")
    assert await mail.scripts.active() == Script("one", b"keep;")


@on_loop
async def test_names_and_sizes_have_limits(mail: Mail) -> None:
    for name in ("", "a\nb", "x" * 513):
        with pytest.raises(CannotChange):
            await mail.scripts.put(name, b"keep;")
    with pytest.raises(ScriptTooLarge):
        await mail.scripts.check_room("one", MAX_SCRIPT_OCTETS + 1)
    for number in range(MAX_SCRIPTS):
        await mail.scripts.put(str(number), b"keep;")
    with pytest.raises(TooManyScripts):
        await mail.scripts.put("another", b"keep;")
    await mail.scripts.put("7", b"stop;")


@on_loop
async def test_renaming_takes_no_name_of_another(mail: Mail) -> None:
    await mail.scripts.put("one", b"keep;")
    await mail.scripts.put("two", b"keep;")
    with pytest.raises(ScriptExists):
        await mail.scripts.rename("one", "two")
    with pytest.raises(NoSuchScript):
        await mail.scripts.rename("three", "four")


@on_loop
async def test_another_worker_sees_scripts_at_once(workers: Workers) -> None:
    first, second = await workers.start().mail(ANN), await workers.start().mail(ANN)
    assert await second.scripts.active() is None
    await first.scripts.put("one", b"keep;")
    await first.scripts.activate("one")
    assert await second.scripts.active() == Script("one", b"keep;")


@on_loop
async def test_a_decision_is_carried_out_as_a_whole(mail: Mail) -> None:
    decided = Decided(
        [Placed("Work/New", message("a"), create=True), Placed("Nowhere", message("b"))],
        [Post("", ("eve@far.test",), b"Subject: away\r\n\r\n")],
        [Mark(b"eve", 1_900_000_000)],
        [EVENT],
    )
    assert await mail.decisions.carry_out(decided)
    assert [(box.name, box.messages) for box in await mail.mailboxes() if box.messages] == [
        ("INBOX", 1),
        ("Work/New", 1),
    ]
    assert "Work/New" in await mail.subscriptions()
    assert (await mail.waiting_events())[0] == [EVENT]
    assert await mail.decisions.remembered(b"eve") == 1_900_000_000
    (post,) = await mail.decisions.waiting_posts()
    assert post.post == decided.posts[0]
    await mail.decisions.forget_post(post)
    assert await mail.decisions.waiting_posts() == []


@on_loop
async def test_what_is_remembered_already_is_not_decided_again(mail: Mail, tmp_path: Path) -> None:
    await mail.decisions.carry_out(Decided(marks=[Mark(b"eve", 1_900_000_000)]))
    (tmp_path / "large").write_bytes(b"x" * 100_000)
    posts = [Post("", ("eve@far.test",), SpooledFile(tmp_path / "large", 100_000))]
    again = Decided([Placed("INBOX", message())], posts, [Mark(b"eve", 1_950_000_000)])
    assert not await mail.decisions.carry_out(again)
    assert (await mail.mailbox("INBOX")).messages == 0
    assert await mail.decisions.waiting_posts() == []
    assert (tmp_path / "large").exists()
    assert await mail.decisions.carry_out(Decided(marks=[Mark(b"eve", 1_950_000_000, new=False)]))
    assert await mail.decisions.remembered(b"eve") == 1_950_000_000


@on_loop
async def test_marks_end(mail: Mail, workers: Workers) -> None:
    await mail.decisions.carry_out(Decided(marks=[Mark(b"eve", int(workers.clock.now) + 10)]))
    workers.clock.now += 11
    assert await mail.decisions.remembered(b"eve") is None
    assert await mail.decisions.carry_out(Decided(marks=[Mark(b"eve", int(workers.clock.now) + 10)]))


@on_loop
async def test_a_full_account_gets_nothing_and_sends_nothing(mail: Mail) -> None:
    await mail.set_quota(None, 1)
    placed = [Placed("INBOX", message("a")), Placed("Neu", message("b"), create=True)]
    with pytest.raises(OverQuota):
        await mail.decisions.carry_out(
            Decided(placed, [Post("", ("eve@far.test",), b"x")], [Mark(b"k", 1_900_000_000)])
        )
    assert (await mail.mailbox("INBOX")).messages == 0
    assert await mail.decisions.waiting_posts() == []
    assert await mail.decisions.remembered(b"k") is None


@on_loop
async def test_large_bodies_of_posts_stay_until_they_are_forgotten(mail: Mail, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 100_000)
    body = SpooledFile(tmp_path / "large", 100_000)
    await mail.decisions.carry_out(Decided(posts=[Post("ann@example.org", ("eve@far.test",), body)]))
    assert not (tmp_path / "large").exists()
    (post,) = await mail.decisions.waiting_posts()
    kept = post.post.body
    assert isinstance(kept, SpooledFile)
    assert kept.path.read_bytes() == b"x" * 100_000
    await mail.decisions.forget_post(post)
    assert not kept.path.exists()
