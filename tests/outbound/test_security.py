# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS to other servers: taken where it is offered, demanded where DANE or MTA-STS say so."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ikserver.dns.api import Tlsa
from ikserver.listeners.certificates import Material, ensure
from ikserver.outbound.demand import Encrypted, Terms
from ikserver.outbound.mtasts import MtaSts
from ikserver.outbound.routing import Routing, Smarthost
from ikserver.outbound.security import Policies
from ikserver.outbound.sending import Direct, Through
from ikserver.store.embedded.stspolicies import open_sts_policies
from tests.outbound.far import far
from tests.outbound.post import NOW, Places, connecting, post
from tests.outbound.stsfiles import POLICY, STS, fetching
from tests.outbound.zone import FAR, Zone
from tests.support import on_loop, wait

HERE = "192.0.2.1"


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return ensure(tmp_path_factory.mktemp("tls"), ["mx.far.test"])


@pytest.fixture(scope="module")
def tls(material: Material) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(material.certificate, material.key)
    return context


def certificates(material: Material) -> Sequence[x509.Certificate]:
    return x509.load_pem_x509_certificates(material.certificate.read_bytes())


def digest(certificate: x509.Certificate, selector: int) -> bytes:
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(key if selector else certificate.public_bytes(Encoding.DER)).digest()


Make = Callable[..., Policies]


@pytest.fixture
def policies(tmp_path: Path) -> Iterator[Make]:
    """Makes policies of a zone, with MTA-STS files that are fetched one after the other."""
    with ThreadPoolExecutor(1) as threads:
        kept = open_sts_policies(tmp_path, threads)
        yield lambda zone, answers=(): Policies(zone, MtaSts(zone, fetching(answers), kept, lambda: NOW))
        wait(kept.close())


@on_loop
async def test_tls_is_taken_where_it_is_offered(tmp_path: Path, tls: ssl.SSLContext) -> None:
    async with far(tls=tls) as there, post(tmp_path, {HERE: there.port}) as office:
        assert await office.sends("bob@far.test") == []
        assert there.heard[:3] == ["EHLO mail.example.org", "STARTTLS", "EHLO mail.example.org"]
        assert len(there.messages) == 1


@pytest.mark.parametrize(
    "answers",
    [{"STARTTLS": "454 4.7.0 Not now"}, {"STARTTLS": "close"}, {"STARTTLS": "what"}],
    ids=["refused", "closed", "nonsense"],
)
@on_loop
async def test_where_tls_fails_mail_goes_without_it(
    tmp_path: Path, tls: ssl.SSLContext, answers: dict[str, str]
) -> None:
    async with far(answers, tls=tls) as there, post(tmp_path, {HERE: there.port}) as office:
        assert await office.sends("bob@far.test") == []
        assert len(there.messages) == 1
        assert there.connections == 2


@on_loop
async def test_what_somebody_says_before_tls_is_forgotten_under_it(tmp_path: Path, tls: ssl.SSLContext) -> None:
    """RFC 3207, 4.2: else the answer to EHLO could be anybody's."""
    injected = {"STARTTLS": "220 Go on\r\n250-evil.test\r\n250 AUTH PLAIN"}
    async with far(injected, tls=tls) as there:
        link = await connecting({HERE: there.port}).to("mx.far.test", HERE, 25, Terms(Encrypted()))
        assert "AUTH" not in link.offered
        assert link.secure
        await link.quit()


@pytest.mark.parametrize(
    ("which", "selector", "usage", "sent"),
    [(0, 0, 3, True), (0, 1, 3, True), (1, 0, 2, True), (1, 1, 2, True), (1, 1, 3, False), (0, 0, 2, False)],
)
@on_loop
async def test_dane_vouches_for_a_certificate(
    tmp_path: Path,
    tls: ssl.SSLContext,
    material: Material,
    which: int,
    selector: int,
    usage: int,
    sent: bool,
    policies: Make,
) -> None:
    """RFC 7672, 3.1.1 and 3.1.2: usage 3 is the server's own certificate, usage 2 an authority in its chain."""
    chain = [*certificates(material), x509.load_pem_x509_certificate(Path(material.authority).read_bytes())]
    chain = list(dict.fromkeys(chain))
    record = Tlsa(usage, selector, 1, digest(chain[which], selector))
    zone = replace(FAR, tlsas={"_25._tcp.mx.far.test": [record]}, authentic=True)
    async with far(tls=tls) as there, post(tmp_path, {HERE: there.port}, zone=zone, security=policies(zone)) as office:
        left = await office.sends("bob@far.test")
        assert len(there.messages) == sent
        if not sent:
            assert "not the one that DNS tells of" in left[0].last_error


@on_loop
async def test_dane_demands_tls(tmp_path: Path, policies: Make) -> None:
    zone = replace(FAR, tlsas={"_25._tcp.mx.far.test": [Tlsa(3, 1, 1, b"x" * 32)]}, authentic=True)
    async with far() as there, post(tmp_path, {HERE: there.port}, zone=zone, security=policies(zone)) as office:
        (left,) = await office.sends("bob@far.test")
        assert left.last_error.startswith("4.7.4 mx.far.test offers no TLS")
        assert there.messages == []


@on_loop
async def test_records_that_dns_does_not_vouch_for_are_passed_over(
    tmp_path: Path, tls: ssl.SSLContext, policies: Make
) -> None:
    zone = replace(FAR, tlsas={"_25._tcp.mx.far.test": [Tlsa(3, 1, 1, b"x" * 32)]}, authentic=False)
    async with far(tls=tls) as there, post(tmp_path, {HERE: there.port}, zone=zone, security=policies(zone)) as office:
        assert await office.sends("bob@far.test") == []


@on_loop
async def test_records_of_no_use_demand_encryption_alone(tmp_path: Path, tls: ssl.SSLContext, policies: Make) -> None:
    """RFC 7672, 2.2."""
    zone = replace(FAR, tlsas={"_25._tcp.mx.far.test": [Tlsa(1, 1, 1, b"x" * 32)]}, authentic=True)
    async with far(tls=tls) as there, post(tmp_path, {HERE: there.port}, zone=zone, security=policies(zone)) as office:
        assert await office.sends("bob@far.test") == []
        assert "STARTTLS" in there.heard


def trusting(zone: Zone, places: Places, material: Material, security: Policies) -> Direct:
    """As the system's authorities would, it trusts the one of the test."""
    trusted = ssl.create_default_context(cafile=material.authority)
    return Direct(Routing(zone, "mail.example.org"), connecting(places, trusted=trusted), security)


@on_loop
async def test_mta_sts_demands_a_valid_certificate(
    tmp_path: Path, tls: ssl.SSLContext, material: Material, policies: Make
) -> None:
    """RFC 8461, 4.1."""
    zone = replace(FAR, texts=STS)
    async with far(tls=tls) as there:
        places = {HERE: there.port}
        security = policies(zone, [POLICY])
        async with post(tmp_path, places, zone=zone, security=security) as office:
            (left,) = await office.sends("bob@far.test")
            assert left.last_error.startswith(
                "4.7.5 TLS with mx.far.test failed: the certificate is not valid: self-signed"
            )
            assert there.messages == []
        (tmp_path / "again").mkdir()
        ways = trusting(zone, places, material, security)
        async with post(tmp_path / "again", places, ways=ways) as office:
            assert await office.sends("bob@far.test") == []
            assert len(there.messages) == 1


@pytest.mark.parametrize(
    ("policy", "sent"),
    [
        (POLICY.replace(b"*.far.test", b"mx.other.test"), False),
        (POLICY.replace(b"enforce", b"testing"), True),
        (POLICY.replace(b"enforce", b"none"), True),
        (b"<html>not found</html>", True),
        (OSError("no answer"), True),
    ],
    ids=["other host", "testing", "none", "no policy", "not fetched"],
)
@on_loop
async def test_what_a_policy_says_of_a_host_without_tls(
    tmp_path: Path, policy: bytes | OSError, sent: bool, policies: Make
) -> None:
    zone = replace(FAR, texts=STS)
    security = policies(zone, [policy])
    async with far() as there, post(tmp_path, {HERE: there.port}, zone=zone, security=security) as office:
        left = await office.sends("bob@far.test")
        assert len(there.messages) == sent
        if not sent:
            assert left[0].last_error == "4.7.5 The MTA-STS policy of far.test does not name its host mx.far.test"


@pytest.mark.parametrize(
    ("mechanisms", "said"),
    [
        ("PLAIN LOGIN", ["AUTH PLAIN AHVzZXIAc2VjcmV0"]),
        ("LOGIN", ["AUTH LOGIN", "dXNlcg==", "c2VjcmV0"]),
    ],
)
@on_loop
async def test_a_smarthost_is_signed_in_to_under_tls(
    tmp_path: Path, tls: ssl.SSLContext, mechanisms: str, said: list[str]
) -> None:
    answers = {"AUTH LOGIN": "334 VXNlcm5hbWU6", "dXNlcg==": "334 UGFzc3dvcmQ6", "c2VjcmV0": "235 2.7.0 Welcome"}
    async with far(answers, [f"AUTH {mechanisms}"], tls) as there:
        hub = Smarthost(HERE, 587, "user", "secret", verify=False)
        ways = Through(hub, Routing(Zone(), "mail.example.org"), connecting({HERE: there.port}))
        async with post(tmp_path, {}, ways=ways) as office:
            assert await office.sends("bob@anywhere.test") == []
        assert there.heard[3 : 3 + len(said)] == said
        assert len(there.messages) == 1


@on_loop
async def test_a_password_that_is_wrong_makes_mail_wait(tmp_path: Path, tls: ssl.SSLContext) -> None:
    async with far({"AUTH": "535 5.7.8 Wrong"}, ["AUTH PLAIN"], tls) as there:
        hub = Smarthost(HERE, 587, "user", "secret", verify=False)
        ways = Through(hub, Routing(Zone(), "mail.example.org"), connecting({HERE: there.port}))
        async with post(tmp_path, {}, ways=ways) as office:
            (left,) = await office.sends("bob@anywhere.test")
            assert left.last_error == f"{HERE} said: 535 5.7.8 Wrong"
            assert left.next_attempt is not None
