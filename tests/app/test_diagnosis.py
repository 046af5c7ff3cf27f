# SPDX-License-Identifier: GPL-3.0-or-later
"""DIA-01: each thing that is wrong with a domain is named with its cure. DNS and the MX are real, on loopback."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ikserver.app.diagnosis import PATIENCE, examine_domain
from ikserver.app.doctor import Finding, Level
from ikserver.app.reachable import Reachable
from ikserver.app.records import domain_keys, wanted_records
from ikserver.app.stores import Stores, open_stores
from ikserver.dns.resolver import open_resolver
from ikserver.listeners.certificates import Material, ensure
from ikserver.outbound.connecting import Connecting
from ikserver.settings import Address, Settings
from ikserver.settings.sections import Dns, Outbound
from ikserver.web.pages.mtasts import MtaStsPage
from protocols.smtp.mtasts import Mode
from tests.dns.nameserver import Nameserver, nameserver
from tests.outbound.far import ALL, Far, far
from tests.support import on_loop
from tests.web.browsing import Browser, site

IP = "192.0.2.1"
PTR = ("1.2.0.192.in-addr.arpa", "PTR")


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return ensure(tmp_path_factory.mktemp("tls"), ["mail.a.test"])


def server_side(material: Material) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(material.certificate, material.key)
    return context


@dataclass
class Place:
    """a.test on mail.a.test; at first all of DNS is right."""

    settings: Settings
    stores: Stores
    names: Nameserver
    there: Far
    web: Browser
    trusted: ssl.SSLContext

    @property
    def zone(self) -> dict[tuple[str, str], Sequence[str]]:
        return self.names.zone

    async def findings(self) -> list[Finding]:
        found = examine_domain(self.settings, self.stores, "a.test", dial=self.dial, trusted=self.trusted)
        return [finding async for finding in found]

    def dial(self, address: str, port: int) -> tuple[str, int]:
        """Where something listens in its place."""
        return "127.0.0.1", self.web.port if port == 443 else self.there.port

    async def faults(self) -> list[str]:
        return [finding.text for finding in await self.findings() if finding.level is Level.FAULT]


@asynccontextmanager
async def place(root: Path, tls: ssl.SSLContext | None) -> AsyncIterator[Place]:
    """The pages have a certificate of an authority that is trusted; the MX has `tls`."""
    material = ensure(root / "web", ["mta-sts.a.test"])
    trusted = ssl.create_default_context(cafile=material.authority)
    async with nameserver({}) as names, far(offers=ALL, tls=tls) as there:
        settings = Settings(root, "mail.a.test", dns=Dns(nameservers=(Address("127.0.0.1", names.port),)))
        keys = domain_keys(settings).ensure("a.test")
        names.zone |= {("mail.a.test", "A"): [IP], PTR: ["mail.a.test."]}
        async with open_stores(settings) as stores:
            organisation = await stores.directory.organisations.add("A")
            domain = await stores.directory.domains.add("a.test", organisation.id)
            for record in wanted_records(settings, domain, keys).all():
                text = record.data if record.kind != "TXT" else f'"{record.data[:250]}" "{record.data[250:]}"'
                names.zone[record.name, record.kind] = [text]
            routes = MtaStsPage(stores.directory, "mail.a.test").routes()
            async with site(routes, tls=server_side(material)) as web:
                yield Place(settings, stores, names, there, web, trusted)


@on_loop
async def test_a_domain_that_is_well_has_no_fault(tmp_path: Path, material: Material) -> None:
    async with place(tmp_path, server_side(material)) as here:
        levels = [(finding.area, finding.level) for finding in await here.findings()]
    well = ["mx", "spf", "spf", "dkim", "dkim", "dmarc", "mta-sts", "mta-sts", "tls-rpt", "mta-sts"]
    # The certificate of the MX is of an authority of our own.
    assert levels == [*((area, Level.OK) for area in well), ("tls", Level.WARNING), ("reverse", Level.OK)]


@pytest.mark.parametrize(
    ("record", "data", "said"),
    [
        (("a.test", "MX"), ["10 mx.other.test."], "MX of a.test leads to mx.other.test and not to mail.a.test"),
        (("a.test", "MX"), [], "MX of a.test is missing"),
        (("a.test", "TXT"), [], "TXT of a.test is missing"),
        (("a.test", "TXT"), ['"v=spf1 mx -all"', '"v=spf1 -all"'], "TXT of a.test is there more than once"),
        (("a.test", "TXT"), ['"v=spf1 ip4:192.0.2.9 -all"'], "says fail of 192.0.2.1, which is this server: add mx"),
        (("mail.a.test", "TXT"), ['"v=spf1 -all"'], "TXT of mail.a.test 'v=spf1 -all' says fail of 192.0.2.1"),
        (("_dmarc.a.test", "TXT"), [], "TXT of _dmarc.a.test is missing"),
        (("_dmarc.a.test", "TXT"), ['"v=DMARC1; p=maybe"'], "asks for nothing that is known"),
        (("_mta-sts.a.test", "TXT"), ['"v=STSv1; id=old;"'], "has the id old: others keep an older policy"),
        (("mta-sts.a.test", "A"), ["192.0.2.9"], "leads to 192.0.2.9 and not to mail.a.test"),
        (("mail.a.test", "A"), [], "mail.a.test has no address: publish an A or AAAA record for it"),
        (PTR, ["host7.provider.test."], "192.0.2.1 is named host7.provider.test: ask your provider to set its reverse"),
        (PTR, [], "192.0.2.1 has no name: ask your provider to set its reverse name (PTR) to mail.a.test"),
    ],
)
@on_loop
async def test_each_wrong_record_is_named_with_the_fix(
    tmp_path: Path, record: tuple[str, str], data: list[str], said: str
) -> None:
    async with place(tmp_path, None) as here:
        here.zone[record] = data
        found = [finding for finding in await here.findings() if said in finding.text]
        assert found
        assert all(finding.level is Level.FAULT for finding in found)
        if record[0] in ("a.test", "_dmarc.a.test"):
            assert found[0].record is not None
            assert found[0].record.name == record[0]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (("_mta-sts.a.test", "TXT"), "TXT of _mta-sts.a.test is missing: forgers in between can take TLS away"),
        (("mta-sts.a.test", "CNAME"), "CNAME of mta-sts.a.test is missing: nobody finds the policy"),
        (("_smtp._tls.a.test", "TXT"), "TXT of _smtp._tls.a.test is missing: nobody tells what fails with TLS"),
    ],
)
@on_loop
async def test_what_a_domain_can_live_without_is_a_warning(tmp_path: Path, record: tuple[str, str], said: str) -> None:
    async with place(tmp_path, None) as here:
        here.zone[record] = []
        assert (Level.WARNING, said) in [(finding.level, finding.text) for finding in await here.findings()]


@pytest.mark.parametrize(
    ("mode", "level"), [(Mode.TESTING, Level.WARNING), (Mode.ENFORCE, Level.FAULT), (Mode.NONE, None)]
)
@on_loop
async def test_a_policy_that_nobody_gets_is_told(tmp_path: Path, mode: Mode, level: Level | None) -> None:
    async with place(tmp_path, None) as here:
        domain = await here.stores.directory.domains.find("a.test")
        await here.stores.directory.domains.set_mta_sts(domain.id, mode)
        here.trusted = ssl.create_default_context()
        text = "the policy of a.test cannot be had: "
        assert [found.level for found in await here.findings() if found.text.startswith(text)] == [level] * bool(level)


@on_loop
async def test_a_policy_of_another_server_is_told(tmp_path: Path) -> None:
    async with place(tmp_path, None) as here:
        here.settings = replace(here.settings, hostname="new.a.test")
        texts = [found.text for found in await here.findings()]
        assert "the policy of a.test is another one: testing, ('mail.a.test',)" in texts


@on_loop
async def test_behind_a_smarthost_nobody_sees_our_reverse_name(tmp_path: Path) -> None:
    async with place(tmp_path, None) as here:
        here.zone[PTR] = []
        here.settings = replace(here.settings, outbound=Outbound(smarthost=Address("hub.test", 587)))
        here.zone["hub.test", "A"] = ["192.0.2.7"]
        assert "reverse" not in [finding.area for finding in await here.findings()]


@on_loop
async def test_a_key_that_dns_has_otherwise_is_a_fault(tmp_path: Path) -> None:
    async with place(tmp_path, None) as here:
        (ed25519, rsa) = [name for name, _ in here.zone if "_domainkey" in name]
        here.zone[rsa, "TXT"] = here.zone[ed25519, "TXT"]
        here.zone[ed25519, "TXT"] = []
        faults = await here.faults()
        assert f"TXT of {ed25519} is missing" in faults
        assert f"TXT of {rsa} has another key" in faults


@on_loop
async def test_new_keys_that_wait_for_their_records_are_no_fault(tmp_path: Path) -> None:
    async with place(tmp_path, None) as here:
        domain_keys(here.settings).rotate("a.test")
        levels = [finding.level for finding in await here.findings() if finding.area == "dkim"]
        assert levels == [Level.OK, Level.WARNING, Level.OK, Level.WARNING]


@on_loop
async def test_an_mx_that_is_an_alias_is_a_fault(tmp_path: Path) -> None:
    async with place(tmp_path, None) as here:
        here.zone["a.test", "MX"] = ["10 mail.a.test.", "20 second.a.test."]
        here.zone["second.a.test", "CNAME"] = ["mail.a.test."]
        assert "second.a.test is an alias (CNAME) of mail.a.test: name that one in the MX record" in await here.faults()


@on_loop
async def test_dns_that_does_not_answer_is_told_as_such(tmp_path: Path) -> None:
    async with place(tmp_path, None) as here:
        here.names.failing |= {"a.test", "_dmarc.a.test", "mail.a.test"}
        faults = await here.faults()
        assert len(faults) == 6
        assert all("cannot be" in fault for fault in faults)


@on_loop
async def test_an_mx_without_tls_or_that_does_not_answer_is_a_fault(tmp_path: Path) -> None:
    async with place(tmp_path, None) as here:
        assert await here.faults() == ["mail.a.test offers no TLS"]
        here.there.port = 1
        (fault,) = await here.faults()
        assert fault.startswith("mail.a.test (192.0.2.1) does not answer: ")
        assert fault.endswith(": others must reach its port 25")


@pytest.mark.parametrize(("host", "level"), [("mail.a.test", Level.OK), ("mail.b.test", Level.WARNING)])
@on_loop
async def test_a_certificate_counts_for_the_names_in_it(material: Material, host: str, level: Level) -> None:
    async with nameserver({(host, "A"): [IP]}) as names, far(tls=server_side(material)) as there:
        trusted = ssl.create_default_context(cafile=str(material.authority))
        connecting = Connecting("mail.a.test", PATIENCE, lambda *_: ("127.0.0.1", there.port), trusted)
        (found,) = await Reachable(open_resolver([("127.0.0.1", names.port)]), connecting).receiving(host)
        assert found.level is level
        assert host in found.text
