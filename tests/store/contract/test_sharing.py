# SPDX-License-Identifier: GPL-3.0-or-later
"""Several sessions and several workers on one account: deltas, tombstones, open mailboxes, hints."""

from __future__ import annotations

import asyncio
import random

import pytest

from ikserver.model.changes import Changed, MailboxesChanged
from ikserver.model.ids import ModSeq, Uid
from ikserver.model.mail import DELETED, SEEN, FlagChange, FlagMode
from ikserver.store.api.errors import NoSuchMailbox
from ikserver.store.api.mail import Mail, Opened
from tests.store.contract.conftest import ANN, Workers
from tests.store.mails import message
from tests.support import on_loop

MARK = FlagChange(FlagMode.ADD, frozenset({DELETED}))
READ = FlagChange(FlagMode.ADD, frozenset({SEEN}))


def uids(*numbers: int) -> list[Uid]:
    return [Uid(number) for number in numbers]


def content(opened: Opened) -> list[tuple[int, frozenset[str], int]]:
    columns = opened.columns
    flags = [opened.flags(flagset) for flagset in columns.flagsets]
    return list(zip(columns.uids, flags, columns.modseqs, strict=True))


async def filled(mail: Mail, count: int) -> Opened:
    opened = await mail.open("INBOX")
    await mail.append(opened.mailbox.id, [message(f"number {n}") for n in range(count)])
    opened.refresh()
    return opened


@on_loop
async def test_changes_tell_what_came_changed_and_went(mail: Mail) -> None:
    opened = await filled(mail, 5)
    box, known = opened.mailbox.id, opened.mailbox.highest_modseq
    nothing = await mail.changes(box, known)
    assert (list(nothing.changed), list(nothing.vanished), nothing.modseq) == ([], [], known)
    await mail.store_flags(box, uids(2), READ)
    await mail.store_flags(box, uids(3, 4), MARK)
    await mail.expunge(box, None)
    await mail.append(box, [message()])
    delta = await mail.changes(box, known)
    assert (list(delta.changed), list(delta.vanished), delta.complete) == ([2, 6], [3, 4], True)
    opened.refresh()
    assert delta.modseq == opened.mailbox.highest_modseq


@on_loop
async def test_a_client_older_than_the_tombstones_is_told_every_uid_that_is_not_there(
    mail: Mail, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 7162, 3.2.5.1."""
    monkeypatch.setattr("ikserver.store.embedded.mail.sweeping.MAX_TOMBSTONES", 2)
    opened = await filled(mail, 8)
    box, known = opened.mailbox.id, opened.mailbox.highest_modseq
    await mail.store_flags(box, uids(1, 3, 5, 8), MARK)
    for uid in (1, 3, 5, 8):
        await mail.expunge(box, uids(uid))
    await workers.stores[0].sweep()
    old = await mail.changes(box, known)
    assert (list(old.vanished), old.complete) == ([1, 3, 5, 8], False)
    young = await mail.changes(box, ModSeq(old.modseq - 1))
    assert (list(young.vanished), young.complete) == ([8], True)


@on_loop
async def test_each_session_hears_once_that_something_is_new(mail: Mail) -> None:
    one, other = await mail.open("INBOX"), await mail.open("INBOX")
    await mail.append(one.mailbox.id, [message()])
    assert (one.refresh(), one.refresh(), other.refresh(), other.refresh()) == (True, False, True, False)
    assert one.columns is other.columns


@on_loop
async def test_a_view_keeps_its_numbering_when_another_session_expunges(mail: Mail) -> None:
    one, other = await filled(mail, 3), await mail.open("INBOX")
    held = one.columns
    await mail.store_flags(one.mailbox.id, uids(1), MARK)
    await mail.expunge(one.mailbox.id, None)
    await mail.append(one.mailbox.id, [message()])
    other.refresh()
    assert list(held.uids) == [1, 2, 3]
    assert list(other.columns.uids) == [2, 3, 4]


@on_loop
async def test_what_one_worker_does_another_sees(workers: Workers) -> None:
    here, there = [await workers.start().mail(ANN) for _ in range(2)]
    ours, theirs = await here.open("INBOX"), await there.open("INBOX")
    box = ours.mailbox.id
    await here.append(box, [message(f"number {n}") for n in range(700)])
    assert theirs.refresh()
    columns = theirs.columns
    await here.store_flags(box, uids(5, 600), READ)
    assert theirs.refresh()
    assert theirs.columns is columns
    await there.store_flags(box, [Uid(uid) for uid in range(257, 513)], MARK)
    await there.expunge(box, None)
    for opened in (ours, theirs):
        opened.refresh()
    assert content(ours) == content(theirs)
    assert len(content(ours)) == 700 - 256
    assert [hint for hint in workers.hints if not isinstance(hint, Changed)] == []


@on_loop
async def test_workers_that_write_at_the_same_time_lose_nothing(workers: Workers) -> None:
    mails = [await workers.start().mail(ANN) for _ in range(3)]
    boxes = [await mail.open("INBOX") for mail in mails]
    box = boxes[0].mailbox.id
    await mails[0].append(box, [message(f"number {n}") for n in range(30)])

    async def work(mail: Mail, seed: int) -> int:
        rng, delivered = random.Random(seed), 0
        for n in range(25):
            match rng.randrange(3):
                case 0:
                    await mail.deliver("INBOX", message(f"from {seed} {n}"))
                    delivered += 1
                case 1:
                    await mail.store_flags(box, uids(*rng.sample(range(1, 40), 9)), FlagChange(
                        rng.choice(list(FlagMode)), frozenset(rng.sample(["a", "b", SEEN], 2))))  # fmt: skip
                case 2:
                    await mail.copy(box, uids(rng.randrange(1, 30)), box)
                    delivered += 1
        return delivered

    delivered = await asyncio.gather(*(work(mail, seed) for seed, mail in enumerate(mails)))
    for opened in boxes:
        opened.refresh()
    assert content(boxes[0]) == content(boxes[1]) == content(boxes[2])
    assert list(boxes[0].columns.uids) == list(range(1, 31 + sum(delivered)))
    assert await workers.stores[0].check(ANN) == []


@on_loop
async def test_random_changes_leave_every_view_equal_to_a_fresh_one(mail: Mail, workers: Workers) -> None:
    """What is in memory is a function of the database, whatever led there."""
    rng = random.Random(5)
    opened = await filled(mail, 900)
    box, trash = opened.mailbox.id, (await mail.mailbox("Trash")).id
    fresh = workers.start()
    for _ in range(30):
        alive = list(opened.columns.uids)
        start = rng.randrange(len(alive))
        chosen = [Uid(uid) for uid in alive[start : start + rng.choice([1, 3, 300])]]
        since = opened.mailbox.highest_modseq
        match rng.randrange(5):
            case 0:
                await mail.append(box, [message()] * rng.choice([1, 200]))
            case 1:
                await mail.store_flags(box, chosen, FlagChange(rng.choice(list(FlagMode)), frozenset({SEEN})))
            case 2:
                await mail.store_flags(box, chosen, MARK)
                await mail.expunge(box, None)
            case 3:
                await mail.move(box, chosen, trash)
            case 4:
                await mail.move(box, chosen, box)
        opened.refresh()
        assert content(opened) == content(await (await fresh.mail(ANN)).open("INBOX"))
        assert [opened.columns.uids[row] for row in opened.changed_since(since)] == list(
            (await mail.changes(box, since)).changed
        )


@on_loop
async def test_a_hint_that_was_lost_is_made_up_for_by_a_look(workers: Workers) -> None:
    here, there = await workers.start().mail(ANN), await workers.start().mail(ANN)
    watching = workers.stores[0]
    opened = await here.open("INBOX")
    await there.deliver("INBOX", message())
    workers.hints.clear()
    await watching.look()
    assert workers.hints == [Changed(ANN, opened.mailbox.id, opened.mailbox.highest_modseq)]
    assert list(opened.columns.uids) == [1]
    workers.hints.clear()
    await watching.look()
    assert workers.hints == []


@on_loop
async def test_a_look_tells_that_an_open_mailbox_was_deleted(workers: Workers) -> None:
    here, there = await workers.start().mail(ANN), await workers.start().mail(ANN)
    await here.create("box")
    opened = await here.open("box")
    await there.delete("box")
    workers.hints.clear()
    await workers.stores[0].look()
    assert workers.hints == [MailboxesChanged(ANN)]
    with pytest.raises(NoSuchMailbox):
        opened.refresh()
