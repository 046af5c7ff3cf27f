# SPDX-License-Identifier: GPL-3.0-or-later
"""REQUIRETLS and TLS-Required: senders say how safe the way of a message has to be (RFC 8689)."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ikserver.dns.api import Tlsa
from ikserver.listeners.certificates import Material, ensure
from ikserver.model.tls import TlsWish
from ikserver.outbound.mtasts import MtaSts
from ikserver.outbound.routing import Routing, Smarthost
from ikserver.outbound.security import Policies
from ikserver.outbound.sending import Direct, Through, Ways
from ikserver.store.embedded.stspolicies import open_sts_policies
from tests.outbound.far import ALL, Far, far
from tests.outbound.post import NOW, Post, connecting, post
from tests.outbound.stsfiles import POLICY, STS, TESTING, fetching
from tests.outbound.zone import FAR, Zone
from tests.support import on_loop

HERE = "192.0.2.1"
OFFERS = (*ALL, "REQUIRETLS")
BY_STS = replace(FAR, texts=STS)
BY_DNSSEC = replace(FAR, authentic=True)
REQUIRED = {"tls": TlsWish.REQUIRED}


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return ensure(tmp_path_factory.mktemp("tls"), ["mx.far.test"])


@dataclass
class Road:
    """From alice's server to another one, which has a certificate that is trusted."""

    there: Far
    office: Post

    async def brings(self, **more: Any) -> str:
        """A message for bob: "sent", or why not."""
        left = await self.office.sends("bob@far.test", **more)
        if not left:
            return "sent"
        return "bounced" if not left[0].sender else left[0].last_error

    @property
    def envelope(self) -> str:
        return next(line for line in reversed(self.there.heard) if line.startswith("MAIL"))


@asynccontextmanager
async def road(
    root: Path,
    material: Material,
    *,
    zone: Zone = BY_STS,
    offers: Sequence[str] = OFFERS,
    policy: bytes = POLICY,
    trusted: bool = True,
    smarthost: Smarthost | None = None,
    tls: bool = True,
) -> AsyncIterator[Road]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(material.certificate, material.key)
    authorities = ssl.create_default_context(cafile=material.authority) if trusted else None
    with ThreadPoolExecutor(1) as threads:
        kept = open_sts_policies(root, threads)
        async with far(offers=offers, tls=context if tls else None) as there:
            routing, connect = Routing(zone, "mail.example.org"), connecting({HERE: there.port}, trusted=authorities)
            policies = Policies(zone, MtaSts(zone, fetching([policy]), kept, lambda: NOW))
            ways: Ways = Direct(routing, connect, policies)
            if smarthost is not None:
                ways = Through(smarthost, routing, connect)
            async with post(root, {}, ways=ways) as office:
                yield Road(there, office)
        await kept.close()


@pytest.mark.parametrize(
    ("zone", "policy"),
    [(BY_STS, POLICY), (BY_STS, TESTING), (BY_DNSSEC, b""), (Zone(a_records={"far.test": [HERE]}), b"")],
    ids=["MTA-STS", "MTA-STS in testing", "DNSSEC", "no MX"],
)
@on_loop
async def test_a_message_that_requires_tls_goes_where_the_host_is_vouched_for(
    tmp_path: Path, zone: Zone, policy: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """RFC 8689, 4.2.1."""
    named = ensure(tmp_path_factory.mktemp("tls"), ["mx.far.test", "far.test"])
    async with road(tmp_path, named, zone=zone, policy=policy) as way:
        assert await way.brings(**REQUIRED) == "sent"
        assert way.envelope.startswith("MAIL FROM:<alice@example.org> SIZE=")
        assert way.envelope.endswith(" REQUIRETLS")


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"offers": ALL}, "5.7.30", "REQUIRETLS support required, which mx.far.test does not offer"),
        ({"tls": False}, "5.7.10", "Encryption needed: mx.far.test offers no TLS"),
        ({"trusted": False}, "5.7.10", "Encryption needed: TLS with mx.far.test failed: the certificate is not valid"),
        ({"zone": FAR}, "5.7.10", "Encryption needed: Neither DNSSEC nor MTA-STS vouches that mx.far.test is a host"),
        ({"policy": POLICY.replace(b"enforce", b"none")}, "5.7.10", "Encryption needed: Neither DNSSEC nor MTA-STS"),
    ],
    ids=["not offered", "no TLS", "not trusted", "not vouched for", "no policy"],
)
@on_loop
async def test_else_it_comes_back_at_once_with_its_header_only(
    tmp_path: Path, material: Material, more: dict[str, Any], status: str, words: str
) -> None:
    """RFC 8689, 4.2.1 and 5."""
    async with road(tmp_path, material, **more) as way:
        assert await way.brings(**REQUIRED, ret="FULL", body=b"Subject: secret\r\n\r\nThe secret.\r\n") == "bounced"
        report = await way.office.report()
        assert f"Status: {status}\r\n" in report
        assert words in report.replace("\r\n ", " ")
        assert "Subject: secret" in report
        assert "The secret." not in report
        assert way.there.messages == []


@on_loop
async def test_the_report_requires_tls_too_but_is_not_lost_for_want_of_it(tmp_path: Path, material: Material) -> None:
    """RFC 8689, 5."""
    async with road(tmp_path, material) as way:
        assert await way.brings(**REQUIRED, sender="") == "sent"
        assert way.envelope.endswith(" REQUIRETLS")
    (tmp_path / "again").mkdir()
    async with road(tmp_path / "again", material, zone=FAR, offers=ALL) as way:
        assert await way.brings(**REQUIRED, sender="") == "sent"
        assert "REQUIRETLS" not in way.envelope


@on_loop
async def test_a_report_on_such_a_message_is_such_a_message(tmp_path: Path, material: Material) -> None:
    async with road(tmp_path, material, offers=ALL) as way:
        assert await way.brings(**REQUIRED, sender="carol@far.test") == "bounced"
        batch = await way.office.queue.claim(NOW, (), lambda domain: 10)
        assert batch is not None
        assert [(message.sender, message.tls) for message in batch.messages] == [("", TlsWish.REQUIRED)]


@on_loop
async def test_a_host_that_does_not_answer_is_tried_again(tmp_path: Path, material: Material) -> None:
    zone = replace(BY_STS, a_records={"mx.far.test": ["192.0.2.9"]})
    async with road(tmp_path, material, zone=zone) as way:
        assert (await way.brings(**REQUIRED)).startswith("4.4.1 mx.far.test (192.0.2.9) does not answer")


@on_loop
async def test_a_record_of_dane_is_enough(tmp_path: Path, material: Material) -> None:
    """One that does not fit is not outdone by an authority that the system trusts."""
    zone = replace(BY_DNSSEC, tlsas={"_25._tcp.mx.far.test": [Tlsa(3, 1, 1, b"x" * 32)]})
    async with road(tmp_path, material, zone=zone) as way:
        assert await way.brings(**REQUIRED) == "bounced"
        assert "not the one that DNS tells of" in (await way.office.report()).replace("\r\n ", " ")


@on_loop
async def test_where_tls_is_not_required_no_demand_of_the_domain_counts(tmp_path: Path, material: Material) -> None:
    """RFC 8689, 4.2.2: mail about a certificate that has expired arrives."""
    async with road(tmp_path, material, trusted=False) as way:
        assert await way.brings(tls=TlsWish.NOT_REQUIRED) == "sent"
        assert "STARTTLS" in way.there.heard
        assert (await way.brings()).startswith("4.7.5 TLS with mx.far.test failed")


@on_loop
async def test_messages_with_different_wishes_go_different_ways(tmp_path: Path, material: Material) -> None:
    async with road(tmp_path, material, offers=ALL) as way:
        for wish in (TlsWish.USUAL, TlsWish.REQUIRED, TlsWish.USUAL):
            await way.office.puts("bob@far.test", tls=wish)
        left = await way.office.works()
        assert [entry.sender for entry in left] == [""]
        assert len(way.there.messages) == 2


@pytest.mark.parametrize(("offers", "said"), [(OFFERS, "sent"), (ALL, "bounced")])
@on_loop
async def test_a_smarthost_has_to_promise_it(
    tmp_path: Path, material: Material, offers: Sequence[str], said: str
) -> None:
    hub = Smarthost("mx.far.test", 587, verify=False)
    async with road(tmp_path, material, zone=FAR, offers=offers, smarthost=hub) as way:
        assert await way.brings(**REQUIRED) == said
