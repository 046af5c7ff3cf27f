# SPDX-License-Identifier: GPL-3.0-or-later
"""What the resolver makes of answers, of none, and of failures."""

from __future__ import annotations

import asyncio

import pytest

from ikserver.app import admitting
from ikserver.dns.api import Answer, DnsFailure, Mx, Tlsa
from ikserver.dns.resolver import DnsResolver, open_resolver
from ikserver.settings import SettingsError, parse
from tests.dns.nameserver import Nameserver, nameserver
from tests.support import on_loop

ZONE = {
    ("example.org", "A"): ["192.0.2.1", "192.0.2.2"],
    ("example.org", "AAAA"): ["2001:db8::1"],
    ("example.org", "MX"): ["10 Mail.Example.ORG.", "20 ."],
    ("example.org", "TXT"): ['"v=spf1 " "-all"', '"\\200"'],
    ("_25._tcp.example.org", "TLSA"): ["3 1 0 00ff"],
    ("www.example.org", "CNAME"): ["example.org."],
    ("loop.example.org", "CNAME"): ["loop.example.org."],
    ("1.2.0.192.in-addr.arpa", "PTR"): ["example.org."],
    ("1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa", "PTR"): ["six.example.org."],
    ("long.example.org", "TXT"): ['"' + "x" * 250 + '"'] * 1 + [f'"{n}' + "y" * 240 + '"' for n in range(9)],
}


def ask(server: Nameserver, *, timeout: float = 5.0, size: int = 100, trust_ad: bool = False) -> DnsResolver:
    return open_resolver([("127.0.0.1", server.port)], timeout, size, trust_ad=trust_ad)


@on_loop
async def test_every_kind_of_record_is_read() -> None:
    async with nameserver(ZONE) as server:
        resolver = ask(server)
        assert await resolver.aaaa("Example.ORG.") == Answer(("2001:db8::1",), True, False, 300)
        assert set((await resolver.a("example.org")).records) == {"192.0.2.1", "192.0.2.2"}
        assert set((await resolver.mx("example.org")).records) == {Mx(10, "mail.example.org"), Mx(20, "")}
        assert set((await resolver.txt("example.org")).records) == {b"v=spf1 -all", b"\xc8"}
        assert (await resolver.tlsa("_25._tcp.example.org")).records == (Tlsa(3, 1, 0, b"\x00\xff"),)
        assert (await resolver.ptr("192.0.2.1")).records == ("example.org",)
        assert (await resolver.ptr("2001:db8::1")).records == ("six.example.org",)
        assert set((await resolver.a("www.example.org")).records) == {"192.0.2.1", "192.0.2.2"}
        assert (await resolver.cname("www.example.org")).records == ("example.org",)


@on_loop
async def test_no_record_and_no_name_are_told_apart() -> None:
    async with nameserver(ZONE) as server:
        resolver = ask(server)
        assert await resolver.tlsa("example.org") == Answer((), True, False, 60)
        assert await resolver.a("nowhere.example.org") == Answer((), False, False, 60)


@on_loop
async def test_aliases_that_go_in_a_circle_are_a_failure() -> None:
    async with nameserver(ZONE) as server:
        with pytest.raises(DnsFailure):
            await ask(server).a("loop.example.org")


@pytest.mark.parametrize("name", ["a" * 64 + ".example.org", "a..example.org", "", ".".join(["a" * 60] * 5)])
@on_loop
async def test_a_name_that_cannot_be_is_not_asked_for(name: str) -> None:
    async with nameserver(ZONE) as server:
        assert (await ask(server).txt(name)).records == ()
        assert sum(server.asked.values()) == (1 if not name else 0)


@on_loop
async def test_answers_larger_than_a_datagram_come_by_tcp() -> None:
    async with nameserver(ZONE) as server:
        assert len((await ask(server).txt("long.example.org")).records) == 10


@on_loop
async def test_answers_and_their_absence_are_remembered() -> None:
    async with nameserver(ZONE) as server:
        resolver = ask(server)
        for _ in range(3):
            await resolver.a("example.org")
            await resolver.a("EXAMPLE.org")
            await resolver.a("nowhere.example.org")
        assert server.asked == {("example.org", "A"): 1, ("nowhere.example.org", "A"): 1}


@on_loop
async def test_an_answer_is_forgotten_when_its_time_is_over() -> None:
    now = 1000.0
    async with nameserver(ZONE) as server:
        resolver = open_resolver([("127.0.0.1", server.port)], clock=lambda: now)
        await resolver.a("example.org")
        now += 299
        assert (await resolver.a("example.org")).ttl == 1
        assert server.asked["example.org", "A"] == 1
        now += 1
        assert (await resolver.a("example.org")).ttl == 300
        assert server.asked["example.org", "A"] == 2


@on_loop
async def test_the_cache_is_bounded_and_drops_what_was_not_used() -> None:
    async with nameserver(ZONE) as server:
        resolver = ask(server, size=2)
        await resolver.a("example.org")
        await resolver.a("one.example.org")
        await resolver.a("example.org")
        await resolver.a("two.example.org")
        await resolver.a("example.org")
        await resolver.a("one.example.org")
        assert (server.asked["example.org", "A"], server.asked["one.example.org", "A"]) == (1, 2)


@on_loop
async def test_identical_questions_are_asked_once_and_one_asker_may_go_away() -> None:
    async with nameserver(ZONE) as server:
        resolver = ask(server)
        tasks = [asyncio.ensure_future(resolver.a("example.org")) for _ in range(20)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(answers[0], asyncio.CancelledError)
        assert all(isinstance(answer, Answer) and answer.records for answer in answers[1:])
        assert server.asked["example.org", "A"] == 1


@on_loop
async def test_a_server_that_cannot_tell_is_a_failure_and_not_asked_again_at_once() -> None:
    async with nameserver(ZONE) as server:
        server.failing.add("example.org")
        resolver = ask(server)
        for _ in range(3):
            with pytest.raises(DnsFailure):
                await resolver.a("example.org")
        assert server.asked["example.org", "A"] == 1


@on_loop
async def test_silence_is_a_failure_after_the_time_out() -> None:
    async with nameserver(ZONE) as server:
        server.silent.add("example.org")
        with pytest.raises(DnsFailure):
            await ask(server, timeout=0.3).a("example.org")


def test_a_nameserver_is_given_by_its_address() -> None:
    with pytest.raises(SettingsError, match=r"dns\.nameservers: 'localhost' does not appear to be an IP"):
        admitting.resolver(parse('[dns]\nnameservers = ["localhost:53"]'))


def test_without_a_setting_the_system_says_which() -> None:
    assert isinstance(admitting.resolver(parse("")), DnsResolver)


@on_loop
async def test_the_ad_bit_is_believed_of_this_machine_only_unless_told_otherwise() -> None:
    async with nameserver(ZONE) as server:
        server.authentic = True
        assert (await ask(server).a("example.org")).authentic
        server.authentic = False
        assert not (await ask(server, trust_ad=True).a("example.org")).authentic
