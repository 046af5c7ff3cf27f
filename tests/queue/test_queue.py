# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue on a real database: durable, shared, and never forgetful."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ikserver.model.activity import Direction, Event, Status, Wanted
from ikserver.model.mail import SpooledFile
from ikserver.store.api.queue import Postponed, Queue, QueuedMessage, QueuedRecipient, QueueState
from ikserver.store.embedded.activity import open_activity
from ikserver.store.embedded.database import connect, migrate
from ikserver.store.embedded.queue import INLINE, LENT_SECONDS, open_queue
from ikserver.store.embedded.queue_schema import SCHEMA
from tests.support import on_loop, wait

NOW = 1_795_521_600


def ten(domain: str) -> int:
    """As many entries are claimed at a time."""
    return 10


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
def queue(tmp_path: Path, threads: ThreadPoolExecutor) -> Iterator[Queue]:
    queue = open_queue(tmp_path, threads, lambda: NOW)
    yield queue
    wait(queue.close())


def message(body: bytes | SpooledFile = b"body", *recipients: QueuedRecipient) -> QueuedMessage:
    return QueuedMessage("a@example.org", recipients or (QueuedRecipient("b@far.test"),), body, envid="e1")


@on_loop
async def test_what_is_put_is_there_after_opening_again(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    first = open_queue(tmp_path, threads, lambda: NOW)
    number = await first.put(message(b"body", QueuedRecipient("b@far.test", "NEVER"), QueuedRecipient("c@far.test")))
    await first.close()
    second = open_queue(tmp_path, threads, lambda: NOW)
    entries = await second.entries()
    assert [(entry.message, entry.sender, entry.recipient, entry.size, entry.queued) for entry in entries] == [
        (number, "a@example.org", "b@far.test", 4, NOW),
        (number, "a@example.org", "c@far.test", 4, NOW),
    ]
    assert await second.body(number) == b"body"
    await second.close()


@on_loop
async def test_large_bodies_are_files_that_go_with_the_last_recipient(queue: Queue, tmp_path: Path) -> None:
    recipients = QueuedRecipient("b@far.test"), QueuedRecipient("c@far.test")
    number = await queue.put(message(b"x" * (INLINE + 1), *recipients))
    body = await queue.body(number)
    assert isinstance(body, SpooledFile)
    assert body.path.parent == tmp_path / "queue"
    assert body.path.read_bytes() == b"x" * (INLINE + 1)
    one, two = await queue.entries()
    await queue.done(one.id)
    assert body.path.exists()
    await queue.done(two.id)
    assert not body.path.exists()
    with pytest.raises(KeyError):
        await queue.body(number)


@on_loop
async def test_a_spooled_file_is_moved_in(queue: Queue, tmp_path: Path) -> None:
    spooled = tmp_path / "spooled"
    spooled.write_bytes(b"octets")
    number = await queue.put(message(SpooledFile(spooled, 6)))
    assert not spooled.exists()
    body = await queue.body(number)
    assert isinstance(body, SpooledFile)
    assert (body.path.read_bytes(), body.size) == (b"octets", 6)


@on_loop
async def test_local_entries_are_lent_to_one_worker_at_a_time(
    queue: Queue, tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    other = open_queue(tmp_path, threads, lambda: NOW)
    await queue.put(message(b"x", QueuedRecipient("b@far.test"), QueuedRecipient("l@example.org", account=7)))
    (entry,) = await queue.due_local(NOW)
    (lent,) = entry.recipients
    assert (lent.to.address, lent.to.account) == ("l@example.org", 7)
    assert await other.due_local(NOW) == []
    # Whoever had it died: it comes up again.
    assert await other.due_local(NOW + LENT_SECONDS) == [entry]
    await other.settle([], [Postponed(lent.entry, "still broken", NOW + 9000, False)])
    assert await queue.due_local(NOW + 8999) == []
    (late,) = await queue.due_local(NOW + 9000)
    assert late.recipients[0].attempts == 1
    assert (await queue.entry(lent.entry)).last_error == "still broken"
    await queue.settle([], [Postponed(lent.entry, "given up", None, False)])
    assert await queue.due_local(NOW + 10**9) == []
    assert [e.next_attempt for e in await queue.entries()] == [NOW, None]
    await other.close()


@on_loop
async def test_done_twice_does_no_harm(queue: Queue) -> None:
    await queue.put(message())
    (entry,) = await queue.entries()
    await queue.done(entry.id)
    await queue.done(entry.id)
    assert await queue.entries() == []


@on_loop
async def test_files_that_a_crash_left_are_swept_when_they_are_old(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    folder = tmp_path / "queue"
    folder.mkdir()
    for name, age in ("old.new", 7200), ("young.new", 60):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (NOW - age, NOW - age))
    first = open_queue(tmp_path, threads, lambda: NOW)
    number = await first.put(message(b"x" * (INLINE + 1)))
    await first.close()
    second = open_queue(tmp_path, threads, lambda: NOW + 10**6)
    assert [path.name for path in folder.iterdir()] == [(await second.body(number)).path.name]  # type: ignore[union-attr]
    await second.close()


@on_loop
async def test_a_batch_is_the_mail_of_the_domain_that_waits_longest(queue: Queue) -> None:
    both = QueuedRecipient("b@far.test", "NEVER"), QueuedRecipient("c@near.test"), QueuedRecipient("d@Far.test")
    await queue.put(message(b"one", *both))
    await queue.put(message(b"two", QueuedRecipient("e@far.test"), QueuedRecipient("mine@example.org", account=1)))
    batch = await queue.claim(NOW, (), ten)
    assert batch is not None
    assert batch.domain == "far.test"
    assert [[r.to.address for r in m.recipients] for m in batch.messages] == [
        ["b@far.test", "d@Far.test"],
        ["e@far.test"],
    ]
    assert [(m.sender, m.size, m.envid) for m in batch.messages] == [("a@example.org", 3, "e1")] * 2
    assert batch.messages[0].recipients[0].to.notify == "NEVER"
    assert await queue.claim(NOW, ["near.test"], ten) is None
    near = await queue.claim(NOW, (), ten)
    assert near is not None
    assert near.domain == "near.test"
    assert await queue.claim(NOW, (), ten) is None


@on_loop
async def test_what_a_dead_process_had_comes_up_again(
    queue: Queue, tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    await queue.put(message())
    batch = await queue.claim(NOW, (), ten)
    assert batch is not None
    (entry,) = [r.entry for m in batch.messages for r in m.recipients]
    other = open_queue(tmp_path, threads, lambda: NOW)
    assert await other.claim(NOW + LENT_SECONDS - 1, (), ten) is None
    await queue.keep([entry], NOW + 300)
    assert await other.claim(NOW + LENT_SECONDS, (), ten) is None
    # The process that takes over frees them at once.
    await other.free_claims(NOW)
    assert await other.claim(NOW, (), ten) == batch
    assert await other.claim(NOW, (), ten) is None
    assert await other.claim(NOW + LENT_SECONDS, (), ten) == batch
    await other.close()


@on_loop
async def test_an_outcome_is_written_at_once(queue: Queue) -> None:
    recipients = [QueuedRecipient(f"{name}@far.test") for name in "bcd"]
    await queue.put(message(b"body", *recipients))
    batch = await queue.claim(NOW, (), lambda domain: 2)
    assert batch is not None
    gone, later = [r.entry for m in batch.messages for r in m.recipients]
    report = QueuedMessage("", [QueuedRecipient("a@example.org", account=7)], b"report")
    await queue.settle([gone], [Postponed(later, "busy", NOW + 60, delay_told=True)], [report])
    assert [(e.recipient, e.attempts, e.next_attempt, e.last_error, e.state) for e in await queue.entries()] == [
        ("c@far.test", 1, NOW + 60, "busy", QueueState.WAITING),
        ("d@far.test", 0, NOW, "", QueueState.WAITING),
        ("a@example.org", 0, NOW, "", QueueState.WAITING),
    ]
    rest = await queue.claim(NOW, (), ten)
    assert rest is not None
    assert [r.to.address for m in rest.messages for r in m.recipients] == ["d@far.test"]
    again = await queue.claim(NOW + 60, (), ten)
    assert again is not None
    assert [(r.to.address, r.attempts, r.delay_told) for m in again.messages for r in m.recipients] == [
        ("c@far.test", 1, True)
    ]


@on_loop
async def test_what_is_held_is_not_sent_and_stays_held_after_an_attempt(queue: Queue) -> None:
    await queue.put(message())
    (entry,) = await queue.entries()
    assert await queue.claim(NOW, (), ten) is not None
    await queue.hold(entry.id)
    await queue.settle([], [Postponed(entry.id, "busy", NOW + 60, delay_told=False)])
    assert (await queue.entry(entry.id)).state is QueueState.HELD
    assert await queue.claim(NOW + 60, (), ten) is None
    await queue.retry(entry.id, NOW + 70)
    assert await queue.claim(NOW + 70, (), ten) is not None
    await queue.give_back([entry.id], NOW + 80)
    assert (await queue.entry(entry.id)).next_attempt == NOW + 80
    with pytest.raises(KeyError):
        await queue.hold(entry.id + 1)


@on_loop
async def test_what_is_being_sent_is_not_sent_twice_by_a_retry(queue: Queue) -> None:
    await queue.put(message())
    (entry,) = await queue.entries()
    assert await queue.claim(NOW, (), ten) is not None
    await queue.retry(entry.id, NOW)
    assert await queue.claim(NOW, (), ten) is None


@on_loop
async def test_nothing_is_claimed_for_a_paused_domain(queue: Queue) -> None:
    await queue.pause("far.test")
    await queue.put(message())
    assert await queue.claim(NOW, (), ten) is None
    assert await queue.paused() == ["far.test"]
    await queue.resume("far.test")
    assert await queue.claim(NOW, (), ten) is not None
    assert await queue.paused() == []


@on_loop
async def test_a_domain_that_is_busy_does_not_hide_another_one(queue: Queue) -> None:
    await queue.put(message(b"many", *(QueuedRecipient(f"{n}@far.test") for n in range(500))))
    await queue.put(message(b"one", QueuedRecipient("b@near.test")))
    batch = await queue.claim(NOW, ["far.test"], ten)
    assert batch is not None
    assert batch.domain == "near.test"


@on_loop
async def test_a_queue_of_the_first_version_is_brought_forward(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    connection = connect(tmp_path / "server.sqlite")
    migrate(connection, "queue", SCHEMA[:1])
    connection.executescript(
        """
        INSERT INTO queue_messages VALUES (1, 'a@example.org', '', '', '7BIT', 0, 4, 5, x'626f6479', NULL);
        INSERT INTO queue_recipients (message, recipient, notify, orcpt, account, next_attempt)
            VALUES (1, 'b@Far.test', '', '', NULL, 5), (1, 'l@example.org', '', '', 7, NULL);
        """
    )
    connection.close()
    queue = open_queue(tmp_path, threads, lambda: NOW)
    batch = await queue.claim(NOW, (), ten)
    assert batch is not None
    # What it waited for was its release.
    assert (batch.messages[0].queued, batch.messages[0].released) == (5, 5)
    assert batch.domain == "far.test"
    assert [entry.state for entry in await queue.entries()] == [QueueState.SENDING, QueueState.GIVEN_UP]
    await queue.close()


@on_loop
async def test_what_becomes_of_an_entry_is_logged_in_its_transaction(
    queue: Queue, tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    queued = Event(1, Direction.SENT, Status.QUEUED, "a@example.org", "b@far.test", "id")
    activity = open_activity(tmp_path, threads)
    await queue.put(message(b"body", QueuedRecipient("b@far.test", event=queued)))
    assert (await activity.search(Wanted())).events == (queued,)
    batch = await queue.claim(NOW, (), ten)
    assert batch is not None
    (recipient,) = batch.messages[0].recipients
    assert recipient.to.event == await queue.event(recipient.entry) == queued
    sent = queued._replace(time=2, status=Status.SENT)
    await queue.settle([recipient.entry], events=[sent])
    assert (await activity.search(Wanted())).events == (sent, queued)
    assert await queue.event(recipient.entry) is None
    await activity.close()


@on_loop
async def test_what_is_given_twice_with_one_key_is_there_once(queue: Queue) -> None:
    message = QueuedMessage("ann@example.org", [QueuedRecipient("bob@example.net")], b"Subject: hi\r\n\r\n")
    await queue.put_once(b"key", message)
    await queue.put_once(b"key", message)
    await queue.put_once(b"other", message)
    assert len(await queue.entries()) == 2
