# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that keep us waiting, at each stage of a conversation: they are left in time, the log says where, and mail
for others does not wait for them (RFC 5321, 4.5.3.2)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

import pytest

from ikserver.model.tls import TlsWish
from ikserver.outbound.demand import Encrypted, Opportunistic, Terms
from ikserver.outbound.routing import Hosts
from ikserver.outbound.runner import OutboundLimits
from ikserver.outbound.sending import Security
from ikserver.outbound.wire import Timeouts
from ikserver.store.api.queue import QueuedMessage, QueuedRecipient, QueueState
from tests.outbound.far import ALL, DRIP, SILENCE, far
from tests.outbound.post import MESSAGE, NOW, eventually, post
from tests.outbound.zone import Zone
from tests.support import on_loop

PIT, GOOD = "192.0.2.1", "192.0.2.2"
TWO = Zone(a_records={"pit.test": [PIT], "good.test": [GOOD]})
LIMITS = OutboundLimits(connections=2, connections_per_domain=1)
TIMEOUTS = Timeouts(greeting=0.4, command=0.5, data=0.6, block=0.7, end=0.8, quit=0.2)
ALONE = tuple(word for word in ALL if word != "PIPELINING")


class Demanding:
    """TLS or nothing for the tarpit, so that we do not go on in the clear."""

    async def terms(self, domain: str, host: str, hosts: Hosts, wish: TlsWish) -> Terms:
        return Terms(Encrypted() if domain == "pit.test" else Opportunistic())


@pytest.mark.parametrize("how", [SILENCE, DRIP])
@pytest.mark.parametrize(
    ("stage", "offers", "where", "seconds"),
    [
        ("greeting", ALONE, "the greeting", 0.4),
        ("EHLO", ALONE, "EHLO", 0.5),
        ("MAIL", ALONE, "MAIL", 0.5),
        ("RCPT", ALONE, "RCPT", 0.5),
        ("DATA", ALONE, "DATA", 0.6),
        ("end", ALONE, "the end of the message", 0.8),
        ("MAIL", ALL, "MAIL", 0.5),
        ("RCPT", ALL, "RCPT", 0.5),
        ("DATA", ALL, "DATA", 0.5),
    ],
)
@on_loop
async def test_a_tarpit_is_left_and_holds_up_nobody(
    tmp_path: Path, how: str, stage: str, offers: tuple[str, ...], where: str, seconds: float
) -> None:
    error = f"4.4.2 The connection to pit.test failed at {where}: it took more than {seconds} seconds"
    assert await sent_beside_a_tarpit(tmp_path, {stage: how}, offers) == error


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"STARTTLS": SILENCE}, "4.4.2 The connection to pit.test failed at STARTTLS: it took more than 0.5 seconds"),
        ({}, "it took more than 0.4 seconds"),
    ],
    ids=["command", "handshake"],
)
@on_loop
async def test_neither_does_one_that_never_begins_tls(tmp_path: Path, answers: Mapping[str, str], error: str) -> None:
    found = await sent_beside_a_tarpit(tmp_path, answers, (*ALL, "STARTTLS"), Demanding())
    assert found == f"4.7.5 TLS with pit.test failed: {error}"


@on_loop
async def test_many_tarpits_do_not_use_up_the_connections(tmp_path: Path) -> None:
    """After ten seconds without an answer a connection takes nobody's place; but not any number of them."""
    pits = [f"pit{number}.test" for number in range(5)]
    zone = Zone(a_records={"good.test": [GOOD], **{name: [PIT] for name in pits}})
    limits = OutboundLimits(connections=2, connections_per_domain=1, slow=1, patience=10)
    timeouts = Timeouts(greeting=5, quit=0.1)
    async with (
        far({"greeting": SILENCE}) as pit,
        far() as good,
        post(tmp_path, {PIT: pit.port, GOOD: good.port}, zone=zone, limits=limits, timeouts=timeouts) as office,
    ):
        for domain in (*pits, "good.test"):
            await office.queue.put(QueuedMessage("alice@example.org", [QueuedRecipient(f"bob@{domain}")], MESSAGE))
        await office.queue.pause("good.test")
        await office.outbound.look()
        await eventually(lambda: pit.connections == 2)
        await office.queue.resume("good.test")
        office.clock.now = NOW + 9
        await office.outbound.look()
        await asyncio.sleep(0.1)
        assert good.messages == []
        office.clock.now = NOW + 10
        await office.outbound.look()
        await eventually(lambda: good.messages)
        await asyncio.sleep(0.2)
        await office.outbound.look()
        await eventually(lambda: pit.connections == 3)
        await office.outbound.look()
        await asyncio.sleep(0.1)
        assert pit.connections == 3


@on_loop
async def test_leave_is_not_waited_for(tmp_path: Path) -> None:
    async with far({"QUIT": SILENCE}) as pit, post(tmp_path, {PIT: pit.port}, zone=TWO, timeouts=TIMEOUTS) as office:
        assert await office.sends("bob@pit.test") == []
        assert len(pit.messages) == 1


@on_loop
async def test_the_log_says_where(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "ikserver.outbound"):
        await sent_beside_a_tarpit(tmp_path, {"DATA": SILENCE}, ALONE)
    (told,) = [record for record in caplog.records if record.message == "deferred"]
    assert vars(told)["fields"]["reason"] == "The connection to pit.test failed at DATA: it took more than 0.6 seconds"


async def sent_beside_a_tarpit(
    root: Path, answers: Mapping[str, str], offers: tuple[str, ...], security: Security | None = None
) -> str:
    """What the queue says of a message to a server like that; meanwhile another one gets a message."""
    async with (
        far(answers, offers) as pit,
        far() as good,
        post(
            root, {PIT: pit.port, GOOD: good.port}, zone=TWO, limits=LIMITS, timeouts=TIMEOUTS, security=security
        ) as office,
    ):
        await office.queue.put(QueuedMessage("alice@example.org", [QueuedRecipient("bob@pit.test")], MESSAGE))
        await office.outbound.look()
        await eventually(lambda: pit.connections)
        await office.queue.put(QueuedMessage("alice@example.org", [QueuedRecipient("bob@good.test")], MESSAGE))
        await office.outbound.look()
        await eventually(lambda: good.messages)
        (waiting,) = [entry for entry in await office.queue.entries() if entry.recipient == "bob@pit.test"]
        assert waiting.state is QueueState.SENDING
        await office.outbound.idle()
        (left,) = await office.queue.entries()
        assert (left.attempts, left.state) == (1, QueueState.WAITING)
        return left.last_error
