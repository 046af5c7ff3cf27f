# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue as the operator sees it."""

from __future__ import annotations

from ikserver.app.stores import open_stores
from ikserver.model.activity import Direction, Event, Status
from ikserver.model.mail import SpooledFile
from ikserver.settings import load_data
from ikserver.store.api.queue import QueuedMessage, QueuedRecipient
from tests.cli.terminal import Terminal
from tests.support import on_loop

BODY = b"Subject: hello\r\n\r\nthis waits\r\n"


@on_loop
async def test_what_waits_is_listed_shown_and_dropped(terminal: Terminal) -> None:
    async with open_stores(load_data(terminal.data)) as stores:
        recipients = [QueuedRecipient("ann@b.test"), QueuedRecipient("ben@b.test")]
        await stores.queue.put(QueuedMessage("alice@a.test", recipients, BODY))
    await terminal.shows(
        """
        $ queue list
        ID  QUEUED  ...  SENDER          RECIPIENT   SIZE  STATE    HELD UNTIL  ATTEMPTS  NEXT ATTEMPT  ...
        1   ...T...  <alice@a.test>  ann@b.test  30 B  waiting  -  ...  0  ...
        2   ...T...  <alice@a.test>  ben@b.test  30 B  waiting  -  ...  0  ...
        $ queue show 1
        Subject: hello

        this waits
        $ queue drop 1
        ! ikserver: Drop the message from <alice@a.test> to ann@b.test? Say --yes
        = 1
        $ queue drop 1 --yes
        $ queue show 1
        ! ikserver: there is no entry 1 in the queue
        = 1
        $ queue list --json
        [{"id": 2, "queued": "...", "sender": "alice@a.test", "recipient": "ben@b.test", "size": 30, ...}]
        $ queue drop 2 --yes --json
        [{"id": 2, ... "recipient": "ben@b.test", ...}]
        $ queue list --json
        []
        """
    )


@on_loop
async def test_a_large_message_is_shown_too(terminal: Terminal) -> None:
    body = b"Subject: large\r\n\r\n" + b"0123456789\r\n" * 50_000
    async with open_stores(load_data(terminal.data)) as stores:
        spooled = terminal.data / "spool" / "large"
        spooled.parent.mkdir(exist_ok=True)
        spooled.write_bytes(body)
        recipients = [QueuedRecipient("ann@b.test")]
        await stores.queue.put(QueuedMessage("", recipients, SpooledFile(spooled, len(body))))
    assert await terminal.run("queue show 1") == "\n".join(body.decode().splitlines())


@on_loop
async def test_entries_are_held_released_and_retried_and_domains_paused(terminal: Terminal) -> None:
    async with open_stores(load_data(terminal.data)) as stores:
        recipients = [QueuedRecipient("ann@b.test"), QueuedRecipient("ben@b.test")]
        await stores.queue.put(QueuedMessage("alice@a.test", recipients, BODY))
    await terminal.shows(
        """
        $ queue hold 1 2
        $ queue list --json
        [{"id": 1, ..."state": "held", "held_until": null, ... "next_attempt": null, ...}, {..."state": "held", ...}]
        $ queue release 1
        $ queue pause b.test
        $ queue list
        ID  ...
        1   ...  ann@b.test  30 B  waiting  ...
        2   ...  ben@b.test  30 B  held     -           0         -  ...  -
        Paused: b.test
        $ queue resume b.test
        $ queue pause far.test --json
        {"paused": ["far.test"]}
        $ queue resume far.test --json
        {"paused": []}
        $ queue hold 1 --json
        [{"id": 1, ... "state": "held", ...}]
        $ queue release 1 --json
        [{"id": 1, ... "state": "waiting", ...}]
        $ queue show 1 --json
        {"id": 1, ... "recipient": "ann@b.test", ... "content": "Subject: hello\\r\\n\\r\\nthis waits\\r\\n"}
        $ queue retry 2 3
        ! ikserver: there is no entry 3 in the queue
        = 1
        $ queue list
        ID  ...
        1   ...  waiting  ...
        2   ...  held     ...
        """
    )


@on_loop
async def test_mail_for_later_is_listed_with_its_time_and_can_be_cancelled(terminal: Terminal) -> None:
    """RFC 4865. The log tells who took it from the queue."""
    queued = Event(1, Direction.SENT, Status.QUEUED, "alice@a.test", "ann@b.test", "00aa")
    async with open_stores(load_data(terminal.data)) as stores:
        for later in (4_000_000_000, 0):
            recipients = [QueuedRecipient("ann@b.test", event=queued)]
            await stores.queue.put(QueuedMessage("alice@a.test", recipients, BODY, not_before=later, hold="for;60"))
    await terminal.shows(
        """
        $ queue list --json
        [{... "held_until": "2096-10-02T...", ...}, {... "held_until": null, ...}]
        $ queue drop 1 --yes
        """
    )
    trace = await terminal.run("logs trace 00aa")
    assert "It was discarded: nobody gets it. The reason: The operator dropped it from the queue" in trace
