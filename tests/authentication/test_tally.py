# SPDX-License-Identifier: GPL-3.0-or-later
"""What is counted for DMARC reports, from the socket to the store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from ikserver.delivery.authentication.admission import Admission
from ikserver.delivery.authentication.examination import Client as Peer
from ikserver.delivery.authentication.examination import Examination
from ikserver.delivery.authentication.rules import Rules
from ikserver.delivery.authentication.tally import DAY, MAX_KINDS, Tally
from ikserver.dns.resolver import open_resolver
from ikserver.model.authentication import Arc, Authenticated, Disposition, Dmarc, Evaluated, Result
from ikserver.store.embedded.tallies import EmbeddedTallies, open_tallies
from protocols.dmarc import Policy
from protocols.dmarc.feedback import Override, Seen, SpfSeen
from tests.dns.nameserver import nameserver
from tests.smtp.house import Client, house
from tests.support import on_loop

TODAY = 20_000
ZONE = {
    ("far.test", "TXT"): ['"v=spf1 ip4:127.0.0.1 -all"'],
    ("_dmarc.far.test", "TXT"): ['"v=DMARC1; p=reject; sp=quarantine; rua=mailto:dmarc@far.test"'],
    ("_dmarc.quiet.test", "TXT"): ['"v=DMARC1; p=reject"'],
    ("_dmarc.half.test", "TXT"): ['"v=DMARC1; p=reject; pct=50; rua=mailto:dmarc@half.test"'],
}


@asynccontextmanager
async def counting(root: Path, rules: Rules | None = None) -> AsyncIterator[tuple[Client, Tally, EmbeddedTallies]]:
    with ThreadPoolExecutor(2) as commits:
        store = open_tallies(root, commits)
        tally = Tally(store, lambda: TODAY * DAY + 5)
        async with nameserver(ZONE) as dns:
            resolver = open_resolver([("127.0.0.1", dns.port)])

            def admission(threads: Executor) -> Admission:
                examination = Examination(resolver, threads, rules or Rules(), draw=lambda: 99)
                return Admission(examination, "mail.example.org", threads, tally=tally)

            async with house(root, admission=admission) as home:
                client = await Client.connect(home.port)
                await client.ask("EHLO far.test")
                yield client, tally, store
        await store.close()


def mail(author: str) -> bytes:
    return f"From: {author}\r\nSubject: hello\r\n\r\nHello\r\n".encode()


@on_loop
async def test_messages_that_fare_alike_are_counted_together(tmp_path: Path) -> None:
    async with counting(tmp_path) as (client, tally, store):
        for _ in range(2):
            assert (await client.deliver(mail("ann@far.test"), sender="ann@far.test")).startswith("250 ")
        assert (await client.deliver(mail("ann@far.test"), sender="x@else.test")).startswith("550 ")
        assert (await client.deliver(mail("ann@sub.far.test"), sender="")).startswith("250 ")
        await client.deliver(mail("ann@quiet.test"), sender="x@else.test")
        await tally.store()
        assert await store.due(TODAY + 1) == [(TODAY, "far.test")]
        good, *bad = await store.of(TODAY, "far.test", 10)
        passed = SpfSeen("far.test", "mfrom", "pass")
        assert good == (Seen("127.0.0.1", "far.test", "far.test", Policy.NONE, True, False, None, passed, ()), 2)
        none = SpfSeen("else.test", "mfrom", "none")
        greeted = SpfSeen("far.test", "helo", "pass")
        assert sorted(bad, key=lambda one: one[0].author) == [
            (Seen("127.0.0.1", "far.test", "else.test", Policy.REJECT, False, False, None, none, ()), 1),
            (Seen("127.0.0.1", "sub.far.test", "", Policy.NONE, True, False, None, greeted, ()), 1),
        ]


@on_loop
async def test_why_less_was_done_than_the_domain_wants_is_told(tmp_path: Path) -> None:
    async with counting(tmp_path, Rules(dmarc=Disposition.NONE)) as (client, tally, store):
        await client.deliver(mail("ann@far.test"), sender="x@else.test")
        await client.deliver(mail("ann@half.test"), sender="x@else.test")
        await tally.store()
        ((spared, _),) = await store.of(TODAY, "far.test", 10)
        assert (spared.disposition, spared.override) == (Policy.NONE, Override.LOCAL_POLICY)
        ((sampled, _),) = await store.of(TODAY, "half.test", 10)
        assert (sampled.disposition, sampled.override) == (Policy.NONE, Override.SAMPLED_OUT)


def failed(trusted: bool = False, author: str = "far.test") -> Authenticated:
    dmarc = Dmarc(Result.FAIL, author, asked=Disposition.REJECT, evaluated=Evaluated("far.test", False, False, False))
    return Authenticated(dmarc=dmarc, arc=Arc(Result.PASS, "list.test", trusted))


@on_loop
async def test_a_list_that_we_trust_is_named_as_the_reason(tmp_path: Path) -> None:
    async with counting(tmp_path) as (_, tally, store):
        tally.note(Peer("192.0.2.1", "list.test", "x@list.test"), failed(trusted=True))
        await tally.store()
        ((seen, _),) = await store.of(TODAY, "far.test", 10)
        assert seen.override is Override.TRUSTED_FORWARDER


@on_loop
async def test_a_flood_does_not_fill_the_memory(tmp_path: Path) -> None:
    async with counting(tmp_path) as (_, tally, store):
        for number in range(MAX_KINDS + 10):
            tally.note(Peer("192.0.2.1", "far.test", ""), failed(author=f"{number}.far.test"))
        tally.note(Peer("192.0.2.1", "far.test", ""), failed(author="0.far.test"))
        await tally.store()
        rows = await store.of(TODAY, "far.test", 2 * MAX_KINDS)
        assert len(rows) == MAX_KINDS
        assert rows[0][1] == 2
