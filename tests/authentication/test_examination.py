# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of the methods' results together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import dkim
import pytest

from ikserver.delivery.authentication.examination import Client, Examination
from ikserver.delivery.authentication.original import read_original
from ikserver.delivery.authentication.rules import Rules
from ikserver.dns.resolver import open_resolver
from ikserver.model.authentication import Authenticated, Disposition, Iprev, Result
from tests.dns.nameserver import Nameserver, nameserver
from tests.protocols_dkim.signing import RSA_PEM, rsa_record
from tests.support import on_loop

RECORD = rsa_record().decode()
KEY = [f'"{RECORD[:250]}" "{RECORD[250:]}"']
ZONE = {
    ("1.2.0.192.in-addr.arpa", "PTR"): ["wrong.far.test.", "mail.far.test."],
    ("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "PTR"): ["mail.far.test."],
    ("mail.far.test", "A"): ["192.0.2.1"],
    ("mail.far.test", "AAAA"): ["2001:db8::1"],
    ("9.2.0.192.in-addr.arpa", "PTR"): ["mail.far.test."],
    ("far.test", "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"'],
    ("bank.test", "TXT"): ['"v=spf1 ip4:192.0.2.2 -all"'],
    ("_dmarc.bank.test", "TXT"): ['"v=DMARC1; p=reject; sp=quarantine; pct=50"'],
    ("_dmarc.shop.test", "TXT"): ['"v=DMARC1; p=none; np=reject"'],
    ("address.shop.test", "A"): ["192.0.2.7"],
    ("mail.shop.test", "MX"): ["10 address.shop.test."],
    ("one._domainkey.bank.test", "TXT"): KEY,
    ("one._domainkey.list.test", "TXT"): KEY,
    ("one._domainkey.other.test", "TXT"): KEY,
}
MESSAGE = b"From: Boss <boss@bank.test>\r\nTo: list@list.test\r\nSubject: hello\r\n\r\nA line.\r\n"


@asynccontextmanager
async def examining(
    rules: Rules | None = None, draw: int = 0, timeout: float = 10.0
) -> AsyncIterator[tuple[Any, Nameserver]]:
    """A function that examines a message from 192.0.2.1 with MAIL FROM <ann@far.test>."""
    async with nameserver(ZONE) as server:
        resolver = open_resolver([("127.0.0.1", server.port)], timeout)
        with ThreadPoolExecutor(2) as threads:
            examination = Examination(resolver, threads, rules or Rules(), draw=lambda: draw)

            async def examine(message: bytes, peer: str = "192.0.2.1", sender: str = "ann@far.test") -> Authenticated:
                client = Client(peer, "mail.far.test", sender)
                return await examination.examine(client, await read_original(message, 0, threads))

            yield examine, server


def from_(author: str) -> bytes:
    return MESSAGE.replace(b"Boss <boss@bank.test>", author.encode())


@on_loop
async def test_an_author_is_authentic_also_where_the_domain_has_no_policy() -> None:
    """SND-04."""
    async with examining() as (examine, _):
        assert (await examine(from_("ann@far.test"))).author_is_authentic
        assert (await examine(from_("ann@news.far.test"))).author_is_authentic
        assert not (await examine(from_("ann@near.test"))).author_is_authentic
        assert not (await examine(from_("ann@far.test"), peer="192.0.2.9")).author_is_authentic
        assert not (await examine(MESSAGE)).author_is_authentic
        assert not (await examine(b"Subject: nobody\r\n\r\n")).author_is_authentic


@pytest.mark.parametrize(
    ("author", "draw", "disposition"),
    [
        ("boss@bank.test", 49, Disposition.REJECT),
        ("boss@bank.test", 50, Disposition.QUARANTINE),
        ("boss@sub.bank.test", 49, Disposition.QUARANTINE),
        ("boss@sub.bank.test", 50, Disposition.NONE),
        ("boss@shop.test", 0, Disposition.NONE),
        ("boss@address.shop.test", 0, Disposition.NONE),
        ("boss@mail.shop.test", 0, Disposition.NONE),
        ("boss@nowhere.shop.test", 0, Disposition.REJECT),
        ("Anyone <x@near.test>", 0, Disposition.NONE),
        (", ".join(f"a@d{n}.test" for n in range(6)), 0, Disposition.REJECT),
        ("ann@far.test, boss@bank.test", 0, Disposition.REJECT),
        ("a group: ann@far.test, boss@bank.test;", 0, Disposition.REJECT),
        ("ann@far.test (boss@bank.test)", 0, Disposition.NONE),
    ],
)
@on_loop
async def test_what_is_done_is_what_the_authors_domain_asks_for(
    author: str, draw: int, disposition: Disposition
) -> None:
    async with examining(draw=draw) as (examine, _):
        assert (await examine(from_(author))).disposition is disposition


@on_loop
async def test_whether_a_domain_exists_is_asked_only_where_its_policy_depends_on_it() -> None:
    async with examining() as (examine, server):
        await examine(from_("boss@sub.bank.test"))
        assert ("sub.bank.test", "A") not in server.asked
        await examine(from_("boss@sub.shop.test"))
        assert ("sub.shop.test", "A") in server.asked


@on_loop
async def test_a_signature_that_leaves_out_the_end_proves_nothing() -> None:
    signed = dkim.sign(MESSAGE, b"one", b"bank.test", RSA_PEM, length=True) + MESSAGE
    async with examining() as (examine, _):
        whole = await examine(signed)
        assert (whole.dkim[0].result, whole.dkim[0].partial) == (Result.PASS, False)
        assert whole.dmarc.result is Result.PASS
        longer = await examine(signed + b"Buy!\r\n")
        assert (longer.dkim[0].result, longer.dkim[0].partial) == (Result.PASS, True)
        assert longer.dmarc.result is Result.FAIL


@on_loop
async def test_signatures_are_looked_at_up_to_a_number() -> None:
    async with examining() as (examine, _):
        broken = b"DKIM-Signature: v=1\r\n"
        old = b"DKIM-Signature: v=1; a=rsa-sha1; d=x.test; s=s; h=from; bh=AAAA; b=AAAA\r\n"
        found = await examine(broken + old + broken * 10 + MESSAGE)
        assert [one.result for one in found.dkim] == [Result.NEUTRAL, Result.PERMERROR, *[Result.NEUTRAL] * 3]


@on_loop
async def test_a_key_that_dns_cannot_tell_is_a_temporary_error() -> None:
    signed = dkim.sign(MESSAGE, b"one", b"bank.test", RSA_PEM) + MESSAGE
    async with examining() as (examine, server):
        server.failing.add("one._domainkey.bank.test")
        found = await examine(signed)
        assert found.dkim[0].result is Result.TEMPERROR
        assert (found.dmarc.result, found.disposition) == (Result.TEMPERROR, Disposition.NONE)


@on_loop
async def test_a_failure_of_the_forgers_own_dns_saves_nothing() -> None:
    forged = dkim.sign(MESSAGE, b"one", b"other.test", RSA_PEM) + MESSAGE
    async with examining() as (examine, server):
        server.failing.update({"one._domainkey.other.test", "far.test"})
        found = await examine(forged)
        assert (found.spf.result, found.dkim[0].result) == (Result.TEMPERROR, Result.TEMPERROR)
        assert found.disposition is Disposition.REJECT


@on_loop
async def test_two_records_are_none_and_the_organisations_does_not_stand_in() -> None:
    """RFC 7489, 6.6.3."""
    async with examining() as (examine, server):
        server.zone["_dmarc.two.bank.test", "TXT"] = ['"v=DMARC1; p=reject"', '"v=DMARC1; p=none"']
        assert (await examine(from_("boss@two.bank.test"))).dmarc.result is Result.NONE
        assert (await examine(from_("boss@one.bank.test"))).dmarc.result is Result.FAIL


def sealed(message: bytes, results: str, sealer: bytes) -> bytes:
    """As a list passes it on: with what it found, a changed subject and its seal."""
    told = f"Authentication-Results: mx.list.test; {results}\r\n".encode()
    passed_on = told + message.replace(b"Subject: ", b"Subject: [list] ")
    return b"".join(dkim.arc_sign(passed_on, b"one", sealer, RSA_PEM, b"mx.list.test")) + passed_on


@pytest.mark.parametrize(
    ("results", "sealers", "disposition"),
    [
        ("dmarc=pass header.from=bank.test", {"list.test"}, Disposition.NONE),
        ("dmarc=pass header.from=bank.test", {"other.test"}, Disposition.REJECT),
        ("dmarc=fail header.from=bank.test", {"list.test"}, Disposition.REJECT),
        ("spf=pass; dmarc=passed", {"list.test"}, Disposition.REJECT),
    ],
)
@on_loop
async def test_a_trusted_list_that_saw_dmarc_pass_is_believed(
    results: str, sealers: set[str], disposition: Disposition
) -> None:
    async with examining(Rules(sealers=frozenset(sealers))) as (examine, _):
        found = await examine(sealed(MESSAGE, results, b"list.test"))
        assert (found.arc.result, found.arc.sealer) == (Result.PASS, "list.test")
        assert found.disposition is disposition


@on_loop
async def test_a_broken_chain_is_not_believed() -> None:
    async with examining(Rules(sealers=frozenset({"list.test"}))) as (examine, _):
        message = sealed(MESSAGE, "dmarc=pass", b"list.test")
        assert (await examine(message + b"Buy!\r\n")).arc.result is Result.FAIL
    async with examining(Rules(sealers=frozenset({"list.test"}))) as (examine, server):
        server.failing.add("one._domainkey.list.test")
        assert (await examine(message)).arc.result is Result.FAIL
        assert (await examine(message)).disposition is Disposition.REJECT


@pytest.mark.parametrize(
    ("peer", "outcome"),
    [
        ("192.0.2.1", Iprev(Result.PASS, "mail.far.test")),
        ("2001:db8::1", Iprev(Result.PASS, "mail.far.test")),
        ("192.0.2.9", Iprev(Result.FAIL, "mail.far.test")),
        ("192.0.2.77", Iprev(Result.PERMERROR)),
    ],
)
@on_loop
async def test_a_name_counts_when_it_leads_back(peer: str, outcome: Iprev) -> None:
    """RFC 8601, 3."""
    async with examining() as (examine, _):
        assert (await examine(MESSAGE, peer=peer)).iprev == outcome


@pytest.mark.parametrize(
    ("peer", "entry"),
    [
        ("192.0.2.1", "1.2.0.192.bad.test"),
        ("2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bad.test"),
    ],
)
@on_loop
async def test_an_address_is_looked_up_on_lists_and_a_list_that_is_down_has_nobody(peer: str, entry: str) -> None:
    """RFC 5782, 2.1 and 2.4."""
    async with examining(Rules(bad_lists=("bad.test", "down.test"))) as (examine, server):
        server.zone[entry, "A"] = ["127.0.0.2", "127.0.0.4"]
        server.failing.add(entry.replace("bad", "down"))
        (listed,) = (await examine(MESSAGE, peer=peer)).listed
        assert (listed.zone, sorted(listed.answers), listed.good) == ("bad.test", ["127.0.0.2", "127.0.0.4"], False)


@on_loop
async def test_a_sender_with_a_domain_in_another_script_is_asked_about_by_its_ascii_form() -> None:
    async with examining() as (examine, server):
        server.zone["xn--mnchen-3ya.test", "TXT"] = ['"v=spf1 ip4:192.0.2.1 -all"']
        assert (await examine(from_("x@münchen.test"), sender="x@MÜNCHEN.test")).author_is_authentic
        assert (await examine(MESSAGE, sender=f"x@{'ü' * 70}.test")).spf.result is Result.NONE


@on_loop
async def test_a_nameserver_that_is_silent_holds_nothing_up_for_long() -> None:
    async with examining(timeout=0.5) as (examine, server):
        server.silent.update(name for name, _ in ZONE)
        found = await examine(MESSAGE)
        assert found.spf.result is Result.TEMPERROR
        assert found.dmarc.result is Result.TEMPERROR
        assert found.disposition is Disposition.NONE
