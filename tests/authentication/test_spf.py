# SPDX-License-Identifier: GPL-3.0-or-later
"""SPF: the suite of RFC 7208, cases of our own in its form, and what is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ikserver.delivery.authentication.spf import SpfChecker
from ikserver.dns.resolver import open_resolver
from ikserver.model.authentication import Result, Spf
from tests.authentication.spfsuite import Case, ZoneResolver, cases
from tests.dns.nameserver import Nameserver, nameserver
from tests.support import SHARED, needs_shared, on_loop

SUITE = list(cases(SHARED / "vectors" / "rfc7208-tests.yml"))
OWN = list(cases(Path(__file__).parent / "spf.yml"))


async def outcome(case: Case) -> Spf:
    with ThreadPoolExecutor(1) as threads:
        return await SpfChecker(ZoneResolver(case.zone), threads).check(case.peer, case.sender, case.hello)


@needs_shared
@pytest.mark.parametrize("case", SUITE, ids=lambda case: case.name)
@on_loop
async def test_the_suite_of_the_rfc_passes(case: Case) -> None:
    assert (await outcome(case)).result.value in case.allowed


@needs_shared
def test_the_suite_is_whole() -> None:
    assert len(SUITE) == 203


@pytest.mark.parametrize("case", OWN, ids=lambda case: case.name)
@on_loop
async def test_our_own_cases_pass(case: Case) -> None:
    assert (await outcome(case)).result.value in case.allowed


@asynccontextmanager
async def checking(zone: dict[tuple[str, str], list[str]]) -> AsyncIterator[tuple[SpfChecker, Nameserver]]:
    async with nameserver(zone) as server:
        with ThreadPoolExecutor(2) as threads:
            yield SpfChecker(open_resolver([("127.0.0.1", server.port)]), threads), server


ZONE = {
    ("far.test", "TXT"): ['"v=spf1 mx -all"'],
    ("far.test", "MX"): ["10 mail.far.test."],
    ("mail.far.test", "A"): ["192.0.2.1"],
    ("macro.test", "TXT"): ['"v=spf1 exists:%{l}.ok.macro.test -all"'],
    ("ann.ok.macro.test", "A"): ["127.0.0.2"],
}


@on_loop
async def test_a_result_is_kept_for_client_and_domain() -> None:
    async with checking(ZONE) as (spf, server):
        assert await spf.check("192.0.2.1", "ann@far.test", "mail.far.test") == Spf(Result.PASS, "far.test")
        asked = dict(server.asked)
        assert await spf.check("192.0.2.1", "bob@FAR.test", "other.test") == Spf(Result.PASS, "far.test")
        assert (await spf.check("192.0.2.2", "ann@far.test", "mail.far.test")).result is Result.FAIL
        assert server.asked == asked


@on_loop
async def test_a_result_that_depends_on_the_sender_is_not_taken_for_another_one() -> None:
    async with checking(ZONE) as (spf, _):
        assert (await spf.check("192.0.2.1", "ann@macro.test", "h.test")).result is Result.PASS
        assert (await spf.check("192.0.2.1", "bob@macro.test", "h.test")).result is Result.FAIL
        assert (await spf.check("192.0.2.1", "ann@macro.test", "h.test")).result is Result.PASS


@on_loop
async def test_a_domain_that_dns_cannot_tell_of_is_a_temporary_error() -> None:
    async with checking(ZONE) as (spf, server):
        server.failing.add("far.test")
        assert (await spf.check("192.0.2.1", "ann@far.test", "h.test")).result is Result.TEMPERROR


@pytest.mark.parametrize("hello", ["[192.0.2.1]", "[IPv6:2001:db8::1]", "localhost", "", "ü.test", "a" * 70 + ".test"])
@on_loop
async def test_a_hello_that_is_no_domain_has_no_result(hello: str) -> None:
    async with checking(ZONE) as (spf, _):
        assert (await spf.check("192.0.2.1", "", hello)).result is Result.NONE
