# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is sent to at the same time, who has to wait, and what happens when the service stops."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ikserver.outbound.runner import REST_SECONDS, OutboundLimits
from ikserver.outbound.wire import Timeouts
from ikserver.store.api.queue import QueuedMessage, QueuedRecipient, QueueState
from tests.outbound.far import SILENCE, far
from tests.outbound.post import MESSAGE, NOW, Post, eventually, post
from tests.outbound.zone import Zone
from tests.support import on_loop

HERE, THERE = "192.0.2.1", "192.0.2.2"
TWO = Zone(a_records={"far.test": [HERE], "near.test": [THERE]})


async def fill(office: Post, domain: str, messages: int) -> None:
    for number in range(messages):
        recipient = QueuedRecipient(f"b{number}@{domain}")
        await office.queue.put(QueuedMessage("alice@example.org", [recipient], MESSAGE))


@on_loop
async def test_a_domain_has_so_many_connections_and_no_more(tmp_path: Path) -> None:
    limits = OutboundLimits(connections=10, connections_per_domain=3, batch=2)
    slow = {"end": SILENCE}
    async with far(slow) as there, post(tmp_path, {HERE: there.port}, zone=TWO, limits=limits) as office:
        await fill(office, "far.test", 20)
        await office.outbound.look()
        await eventually(lambda: there.connections == 3)
        await asyncio.sleep(0.1)
        assert there.connections == 3
        assert sum(entry.state is QueueState.SENDING for entry in await office.queue.entries()) == 6


@on_loop
async def test_a_tarpit_holds_up_nobody_else(tmp_path: Path) -> None:
    limits = OutboundLimits(connections=4, connections_per_domain=3, batch=1)
    timeouts = Timeouts(greeting=3, quit=0.1)
    async with (
        far({"greeting": SILENCE}) as pit,
        far() as good,
        post(tmp_path, {HERE: pit.port, THERE: good.port}, zone=TWO, limits=limits, timeouts=timeouts) as office,
    ):
        await fill(office, "far.test", 10)
        await fill(office, "near.test", 10)
        running = asyncio.create_task(office.outbound.run())
        await eventually(lambda: len(good.messages) == 10)
        assert pit.connections == 3
        running.cancel()
        await asyncio.wait({running})


@on_loop
async def test_a_domain_whose_hosts_do_not_answer_rests(tmp_path: Path) -> None:
    """The rest of its mail need not find out one by one."""
    limits = OutboundLimits(connections=1, connections_per_domain=1, batch=2)
    async with post(tmp_path, {}, zone=TWO, limits=limits) as office:
        await fill(office, "far.test", 10)
        await office.works()
        left = await office.works()
        assert [entry.attempts for entry in left] == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
        assert left[0].last_error == "4.4.1 far.test (192.0.2.1) does not answer: Connection refused"
        office.clock.now = NOW + REST_SECONDS
        left = await office.works()
        assert sum(entry.attempts for entry in left) == 4


@on_loop
async def test_a_fault_of_ours_is_an_attempt(tmp_path: Path) -> None:
    class Broken:
        async def sign(self, message: object, body: object) -> bytes:
            raise RuntimeError("no ink")

    async with far() as there, post(tmp_path, {HERE: there.port}, zone=TWO, signer=Broken()) as office:
        (left,) = await office.sends("bob@far.test")
        assert (left.attempts, left.last_error) == (1, "4.3.0 A fault of this server: RuntimeError")


@on_loop
async def test_what_is_dropped_while_it_is_sent_is_passed_over(tmp_path: Path) -> None:
    async with far() as there, post(tmp_path, {HERE: there.port}, zone=TWO) as office:
        await fill(office, "far.test", 3)
        await office.outbound.look()
        await office.queue.done(2)
        await office.outbound.idle()
        assert len(there.messages) == 2
        assert await office.queue.entries() == []


@on_loop
async def test_what_was_not_begun_when_the_service_stops_waits(tmp_path: Path) -> None:
    async with far() as there, post(tmp_path, {HERE: there.port}, zone=TWO) as office:
        await fill(office, "far.test", 40)
        running = asyncio.create_task(office.outbound.run())
        await eventually(lambda: there.messages)
        running.cancel()
        await asyncio.wait({running})
        left = await office.queue.entries()
        assert left != []
        assert {entry.state for entry in left} == {QueueState.WAITING}
        # Nothing was cut off in the middle: what is not in the queue has arrived, once.
        assert len(there.messages) + len(left) == 40
