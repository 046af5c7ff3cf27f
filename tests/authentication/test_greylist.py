# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that proves nothing is taken when it comes again, and its network is known then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from ikserver.delivery.authentication.admission import Admission
from ikserver.delivery.authentication.examination import Examination
from ikserver.delivery.authentication.rules import Rules
from ikserver.dns.resolver import open_resolver
from ikserver.store.embedded.greylist import ALLOWED, DAY, RETRY, EmbeddedGreylist, open_greylist
from tests.dns.nameserver import nameserver
from tests.smtp.house import Client, house
from tests.support import on_loop


@asynccontextmanager
async def greylist(root: Path) -> AsyncIterator[EmbeddedGreylist]:
    with ThreadPoolExecutor(1) as threads:
        opened = open_greylist(root, threads, 300)
        yield opened
        await opened.close()


@on_loop
async def test_a_pair_waits_once_and_opens_the_way_for_its_network(tmp_path: Path) -> None:
    async with greylist(tmp_path) as table:
        assert await table.wait("192.0.2.0/24", "a@far.test", 1000) == 300
        assert await table.wait("192.0.2.0/24", "a@far.test", 1100) == 200
        assert await table.wait("192.0.2.0/24", "b@far.test", 1299) == 300
        assert await table.wait("198.51.100.0/24", "a@far.test", 1300) == 300
        assert await table.wait("192.0.2.0/24", "a@far.test", 1300) == 0
        assert await table.wait("192.0.2.0/24", "b@far.test", 1301) == 0


@on_loop
async def test_who_never_comes_again_is_forgotten(tmp_path: Path) -> None:
    async with greylist(tmp_path) as table:
        assert await table.wait("192.0.2.0/24", "a@far.test", 0) == 300
        assert await table.wait("192.0.2.0/24", "a@far.test", RETRY + 1) == 300


@on_loop
async def test_a_network_is_known_for_weeks_after_its_last_mail(tmp_path: Path) -> None:
    async with greylist(tmp_path) as table:
        assert await table.wait("192.0.2.0/24", "a@far.test", 0) == 300
        assert await table.wait("192.0.2.0/24", "a@far.test", 300) == 0
        for days in (20, 40, 60):
            assert await table.wait("192.0.2.0/24", f"of-day-{days}@far.test", days * DAY) == 0
        assert await table.wait("192.0.2.0/24", "late@far.test", 60 * DAY + ALLOWED + 1) == 300


@on_loop
async def test_what_is_known_survives_a_restart(tmp_path: Path) -> None:
    async with greylist(tmp_path) as table:
        await table.wait("192.0.2.0/24", "a@far.test", 0)
    async with greylist(tmp_path) as table:
        assert await table.wait("192.0.2.0/24", "a@far.test", 300) == 0


@on_loop
async def test_only_mail_that_proves_nothing_has_to_come_again(tmp_path: Path) -> None:
    now = 1_000_000.0
    zone = {("far.test", "TXT"): ['"v=spf1 ip4:127.0.0.1 -all"']}
    async with nameserver(zone) as server, greylist(tmp_path) as table:

        def admission(threads: Executor) -> Admission:
            resolver = open_resolver([("127.0.0.1", server.port)])
            examination = Examination(resolver, threads, Rules())
            return Admission(examination, "h.test", threads, greylist=table, clock=lambda: now)

        async with house(tmp_path, admission=admission) as home:
            client = await Client.connect(home.port)
            await client.ask("EHLO h.test")
            body = b"From: a@near.test\r\n\r\nHello.\r\n"
            assert (await client.deliver(body, sender="ann@far.test")).startswith("250 ")
            answer = await client.deliver(body, sender="a@near.test")
            assert answer == "451 4.7.1 You are not known here yet; please come again in 300 seconds"
            now += 300
            assert (await client.deliver(body, sender="a@near.test")).startswith("250 ")
            assert (await client.deliver(body, sender="b@near.test")).startswith("250 ")
            assert len(await home.inbox()) == 3
