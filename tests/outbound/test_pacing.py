# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain gets so many messages a minute, and nobody else waits for it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from ikserver.app.admitting import resolver
from ikserver.app.hop import open_hop
from ikserver.app.outbound import open_outbound
from ikserver.app.stores import open_stores
from ikserver.outbound.pacing import Pace
from ikserver.settings import Address, Outbound, Settings
from ikserver.store.api.queue import QueuedMessage, QueuedRecipient
from tests.outbound.far import far
from tests.outbound.post import MESSAGE, NOW, Post, post
from tests.outbound.zone import Zone
from tests.support import on_loop

HERE = "192.0.2.1"
THREE = Zone(a_records={name: [HERE] for name in ("far.test", "near.test", "free.test")})


class Counting:
    """An aiosmtpd handler: messages by the domain of their recipients."""

    def __init__(self) -> None:
        self.messages: Counter[str] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.messages[envelope.rcpt_tos[0].partition("@")[2]] += 1
        return "250 2.0.0 Counted"


async def fill(office: Post, domain: str, messages: int) -> None:
    for number in range(messages):
        recipient = QueuedRecipient(f"bob{number}@{domain}")
        await office.queue.put(QueuedMessage("alice@example.org", [recipient], MESSAGE))


@on_loop
async def test_each_domain_has_its_pace(tmp_path: Path) -> None:
    """What was sent a minute ago counts no more."""
    handler = Counting()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(handler), "127.0.0.1", 0)
    pace = Pace(4, {"NEAR.test": 1, "free.test": 0})
    async with server, post(tmp_path, {HERE: server.sockets[0].getsockname()[1]}, zone=THREE, pace=pace) as office:
        for domain in "far.test", "near.test", "free.test":
            await fill(office, domain, 10)
        for seconds, far, near in (0, 4, 1), (59, 4, 1), (60, 8, 2), (90, 8, 2), (121, 10, 3), (200, 10, 4):
            office.clock.now = NOW + seconds
            for _ in range(5):
                await office.works()
            assert handler.messages == {"far.test": far, "near.test": near, "free.test": 10}


def test_a_domain_that_nothing_was_sent_to_for_a_minute_is_forgotten() -> None:
    pace = Pace(2)
    pace.begin("far.test", 2, NOW)
    assert (list(pace.full(NOW + 59.9)), pace.room("far.test", 10)) == (["far.test"], 0)
    assert (list(pace.full(NOW + 60)), pace.room("far.test", 10)) == ([], 2)


@on_loop
async def test_the_settings_say_which_pace(tmp_path: Path) -> None:
    async with far() as there:
        outbound = Outbound(smarthost=Address("127.0.0.1", there.port), smarthost_verify=False, messages_per_minute=3)
        settings = Settings(
            tmp_path, "mail.our.test", outbound=replace(outbound, messages_per_minute_to={"far.test": 2})
        )
        async with open_stores(settings) as stores:
            for number in range(5):
                for domain in "far.test", "near.test":
                    recipient = QueuedRecipient(f"bob{number}@{domain}")
                    await stores.queue.put(QueuedMessage("alice@our.test", [recipient], MESSAGE))
            sending = open_outbound(settings, stores, open_hop(settings, stores, resolver(settings)))
            for _ in range(5):
                await sending.look()
                await sending.idle()
            sent = Counter(line.partition("@")[2].rstrip(">") for line in there.heard if line.startswith("RCPT"))
            assert sent == {"far.test": 2, "near.test": 3}
