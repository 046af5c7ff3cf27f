# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client hears, and what we owe it, when a mailbox or the queue fails."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from ikserver.model.activity import Status, Wanted
from ikserver.model.ids import AccountId
from ikserver.smtp.limits import SmtpLimits
from ikserver.smtp.lmtp import Lmtp
from ikserver.store.api.queue import QueueState
from tests.outbound.post import local_retry
from tests.smtp.house import ALICE, BOB, CAROL, Client, House, house, received_body
from tests.support import on_loop

SMALL = b"Subject: x\r\n\r\nbody\r\n"
LARGE = b"Subject: x\r\n\r\n" + b"a line of some length that is repeated\r\n" * 5_000


async def break_mailbox(home: House, root: Path, account: AccountId) -> sqlite3.Connection:
    """From here on SQLite refuses messages for this account, until the trigger `broken` is dropped."""
    await (await home.mail.mail(account)).mailboxes()
    connection = sqlite3.connect(root / "mail" / str(account) / "mail.sqlite", isolation_level=None)
    connection.execute(
        "CREATE TRIGGER broken BEFORE INSERT ON bodies BEGIN SELECT RAISE(ABORT, 'the disk is not well'); END"
    )
    return connection


@on_loop
async def test_when_all_fail_the_client_keeps_the_message(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await break_mailbox(home, tmp_path, ALICE)
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        assert await client.deliver(SMALL) == "451 4.3.0 Local error; try again later"
        assert await home.queue.entries() == []


@pytest.mark.parametrize("message", [SMALL, LARGE], ids=["small", "large"])
@on_loop
async def test_when_one_fails_the_queue_tries_again_until_it_succeeds(tmp_path: Path, message: bytes) -> None:
    async with house(tmp_path, limits=SmtpLimits(memory=10_000)) as home:
        broken = await break_mailbox(home, tmp_path, BOB)
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        assert (await client.deliver(message, "everyone@example.org")).startswith("250 ")
        assert [len(await home.inbox(account)) for account in (ALICE, BOB, CAROL)] == [1, 0, 1]
        (entry,) = await home.queue.entries()
        assert (entry.account, entry.attempts) == (BOB, 0)

        now = float(entry.queued)
        retry = local_retry(home.queue, home.mail, home.spool, home.threads, clock=lambda: now)
        assert await retry.look() == 1
        (entry,) = await home.queue.entries()
        assert (entry.attempts, entry.next_attempt) == (1, int(now) + 60)
        assert "not well" in entry.last_error
        assert await retry.look() == 0

        broken.execute("DROP TRIGGER broken")
        now += 60
        assert await retry.look() == 1
        assert await home.queue.entries() == []
        (stored,) = await home.inbox(BOB)
        assert received_body(stored) == message
        assert list(home.spool.iterdir()) == []
        assert list((tmp_path / "queue").iterdir()) == []


@on_loop
async def test_a_mailbox_that_never_recovers_costs_its_sender_two_reports(tmp_path: Path) -> None:
    """After four hours that it takes longer, after five days that it is over."""
    async with house(tmp_path) as home:
        await break_mailbox(home, tmp_path, BOB)
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        await client.deliver(SMALL, "everyone@example.org")
        (entry,) = await home.queue.entries()
        now = float(entry.queued)
        retry = local_retry(home.queue, home.mail, home.spool, home.threads, clock=lambda: now)
        waits = []
        while entry.account and entry.next_attempt is not None:
            waits.append(entry.next_attempt - int(now))
            now = float(entry.next_attempt)
            assert await retry.look() == 1
            entry, *reports = await home.queue.entries()
        assert waits[:9] == [0, 60, 120, 240, 480, 960, 1920, 3600, 3600]
        assert sum(waits) == 5 * 86_400
        told = [await home.queue.body(report.message) for report in (entry, *reports)]
        actions = [b"Action: delayed\r\nStatus: 4.3.0\r\n", b"Action: failed\r\nStatus: 5.3.0\r\n"]
        assert [action in body for action, body in zip(actions, told, strict=True) if isinstance(body, bytes)] == [
            True,
            True,
        ]
        assert all(b"not well" not in body for body in told if isinstance(body, bytes))
        # A mailbox has a step in the log for each attempt.
        events = (await home.activity.search(Wanted("bob@example.org"), 1000)).events
        deferred = [Status.DEFERRED] * (len(waits) - 1)
        assert Counter(event.status for event in events) == Counter([Status.BOUNCED, *deferred, Status.QUEUED])


@on_loop
async def test_what_nobody_can_be_told_of_stays_in_the_list(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await break_mailbox(home, tmp_path, BOB)
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        await client.ask("MAIL FROM:<>", "RCPT TO:<everyone@example.org>", "DATA")
        await client.ask(SMALL + b".")
        (entry,) = await home.queue.entries()
        late = entry.queued + 5 * 86_400
        retry = local_retry(home.queue, home.mail, home.spool, home.threads, clock=lambda: late)
        assert await retry.look() == 1
        (entry,) = await home.queue.entries()
        assert (entry.state, entry.next_attempt) == (QueueState.GIVEN_UP, None)
        assert await retry.look() == 0


@on_loop
async def test_when_the_queue_fails_nobody_has_the_message(tmp_path: Path) -> None:
    """Mail for elsewhere is queued first: so the client can send again without doubling anything."""
    async with house(tmp_path) as home:
        server = sqlite3.connect(tmp_path / "server.sqlite", isolation_level=None)
        server.execute("CREATE TRIGGER broken BEFORE INSERT ON queue_messages BEGIN SELECT RAISE(ABORT, 'no'); END")
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        assert (await client.deliver(SMALL, "bob@example.org", "both@example.org")).startswith("451 4.3.0 ")
        assert await home.inbox(BOB) == []
        assert await home.inbox(ALICE) == []


@on_loop
async def test_lmtp_answers_for_each_mailbox_alone(tmp_path: Path) -> None:
    async with house(tmp_path, role=Lmtp()) as home:
        await break_mailbox(home, tmp_path, BOB)
        client = await Client.connect(home.port)
        await client.ask("LHLO relay.test")
        first = await client.deliver(SMALL, "alice@example.org", "bob@example.org", "carol@example.org")
        assert first.startswith("250 ")
        assert await client.reply() == "451 4.3.0 Local error; try again later"
        assert await client.reply() == first
        assert await home.queue.entries() == []


@on_loop
async def test_what_the_queue_has_for_one_recipient_is_not_refused_to_another(tmp_path: Path) -> None:
    """Bob's copy is queued for the group's sake: were bob refused, he would get it twice."""
    async with house(tmp_path, role=Lmtp()) as home:
        await break_mailbox(home, tmp_path, BOB)
        client = await Client.connect(home.port)
        await client.ask("LHLO relay.test")
        assert (await client.deliver(SMALL, "bob@example.org", "everyone@example.org")).startswith("250 ")
        assert (await client.reply()).startswith("250 ")
        assert [entry.account for entry in await home.queue.entries()] == [BOB]


@on_loop
async def test_a_large_message_for_many_is_one_file_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with house(tmp_path, limits=SmtpLimits(memory=10_000)) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO far.test")
        assert (await client.deliver(LARGE, "everyone@example.org", "both@example.org")).startswith("250 ")
        for account in (ALICE, BOB, CAROL):
            (stored,) = await home.inbox(account)
            assert received_body(stored) == LARGE
        blobs = [path for path in (tmp_path / "mail").rglob("blobs/**/*") if path.is_file()]
        assert len(blobs) == 3
        assert len({path.stat().st_ino for path in blobs}) == 1
        (entry,) = await home.queue.entries()
        queued = tmp_path / "queue"
        (file,) = queued.iterdir()
        assert file.read_bytes().startswith(b"Delivered-To: both@example.org\r\nReceived: ")
        assert file.stat().st_size == entry.size
        assert list(home.spool.iterdir()) == []
