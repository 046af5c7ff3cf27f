# SPDX-License-Identifier: GPL-3.0-or-later
"""Other servers read the policy of each domain of ours (RFC 8461, 3.2), as our own outbound mail reads theirs."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ikserver.accounts.transportpolicy import policy_number, policy_of
from ikserver.listeners.certificates import ensure
from ikserver.outbound.https import Https
from ikserver.outbound.routing import Routing
from ikserver.store.api.directory import Directory
from ikserver.store.embedded.directory import open_directory
from ikserver.web.pages.mtasts import PATH, MtaStsPage
from protocols.smtp.mtasts import Mode, Policy, parse_policy
from tests.accounts.world import populate
from tests.outbound.zone import Zone
from tests.support import on_loop
from tests.web.browsing import Browser, site


@asynccontextmanager
async def serving(root: Path) -> AsyncIterator[tuple[Directory, Browser]]:
    """a.test and b.test, which another organisation has."""
    directory = open_directory(root)
    await populate(directory)
    await populate(directory, domain="b.test")
    material = ensure(root / "tls", ["mta-sts.a.test", "mta-sts.b.test"])
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(material.certificate, material.key)
    trusted = ssl.create_default_context(cafile=material.authority)
    async with site(MtaStsPage(directory, "mail.a.test").routes(), tls=tls, trusted=trusted) as browser:
        yield directory, browser
    await directory.close()


@pytest.mark.parametrize("domain", ["a.test", "b.test"])
@on_loop
async def test_each_domain_has_a_policy_that_names_this_server(tmp_path: Path, domain: str) -> None:
    async with serving(tmp_path) as (_, browser):
        seen = await browser.asks(PATH, host=f"mta-sts.{domain}")
        assert seen.text == "version: STSv1\r\nmode: testing\r\nmx: mail.a.test\r\nmax_age: 86400\r\n"
        assert seen.headers["content-type"].startswith("text/plain")


@on_loop
async def test_our_own_client_understands_it(tmp_path: Path) -> None:
    async with serving(tmp_path) as (directory, browser):
        domain = await directory.domains.find("a.test")
        await directory.domains.set_mta_sts(domain.id, Mode.ENFORCE)
        zone = Zone(a_records={"mta-sts.a.test": ["192.0.2.1"]})
        https = Https(Routing(zone, "far.test"), lambda *_: ("127.0.0.1", browser.port), browser.trusted)
        policy = parse_policy(await https.policy("a.test"))
        assert policy == Policy(Mode.ENFORCE, ("mail.a.test",), 28 * 86_400)
        assert policy.allows("mail.a.test")


@on_loop
async def test_a_domain_that_takes_it_back_says_so(tmp_path: Path) -> None:
    """RFC 8461, 8.3: others forget a policy when they get one with the mode none."""
    async with serving(tmp_path) as (directory, browser):
        domain = await directory.domains.find("a.test")
        before = policy_number(policy_of(domain, "mail.a.test"))
        await directory.domains.set_mta_sts(domain.id, Mode.NONE)
        after = policy_of(await directory.domains.find("a.test"), "mail.a.test")
        assert before != policy_number(after)
        assert parse_policy((await browser.asks(PATH, host="mta-sts.a.test")).body) == after


@on_loop
async def test_other_hosts_have_no_policy(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, browser):
        plain = Browser(browser.port, browser.trusted)
        for host in ("a.test", "mta-sts.c.test", "mta-sts.", "mail.a.test"):
            reader, writer = await plain.connect("mta-sts.a.test")
            writer.write(f"GET {PATH} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert (await reader.readline()).split()[1] == b"404"
            writer.close()
