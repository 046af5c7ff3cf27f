# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue on a real database: durable, shared, and never forgetful."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ikserver.model.mail import SpooledFile
from ikserver.store.api.queue import Queue, QueuedMessage, QueuedRecipient
from ikserver.store.embedded.queue import INLINE, LENT_SECONDS, open_queue
from tests.support import on_loop, wait

NOW = 1_795_521_600


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
    assert (entry.recipient, entry.account) == ("l@example.org", 7)
    assert await other.due_local(NOW) == []
    # Whoever had it died: it comes up again.
    assert [again.id for again in await other.due_local(NOW + LENT_SECONDS)] == [entry.id]
    await other.retry_later(entry.id, "still broken", NOW + 9000)
    assert await queue.due_local(NOW + 8999) == []
    (late,) = await queue.due_local(NOW + 9000)
    assert (late.attempts, late.last_error) == (1, "still broken")
    await queue.retry_later(entry.id, "given up", None)
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
