# SPDX-License-Identifier: GPL-3.0-or-later
"""What of our mail is signed, as another server sees it; dkimpy verifies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import dkim
import pytest

from ikserver.accounts.api import Elsewhere
from ikserver.accounts.domainkeys import DomainKeys
from ikserver.app.admitting import resolver
from ikserver.app.hop import open_hop
from ikserver.app.outbound import open_outbound
from ikserver.app.records import domain_keys
from ikserver.app.stores import Stores, open_stores
from ikserver.delivery.envelope import Arrived, Origin, Recipient
from ikserver.delivery.inbound import Inbound
from ikserver.model.mail import Body, SpooledFile
from ikserver.outbound.runner import Outbound
from ikserver.settings import Address, Settings
from ikserver.settings.sections import Dns
from ikserver.settings.sections import Outbound as Sending
from ikserver.store.api.queue import QueuedMessage, QueuedRecipient
from tests.dns.nameserver import Nameserver, nameserver
from tests.outbound.far import ALL, Far, far
from tests.support import on_loop

SEVEN_BIT_ONLY = tuple(offer for offer in ALL if offer != "8BITMIME")


def mail(author: str = "alice@our.test", text: str = "Hello") -> bytes:
    return (
        f"From: Alice <{author}>\r\nTo: bob@far.test\r\nSubject: hello\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
    ).encode()


@dataclass
class Office:
    """A server with our.test and sister.test of one organisation, and stranger.test of another."""

    stores: Stores
    outbound: Outbound
    there: Far
    names: Nameserver
    keys: DomainKeys

    async def sends(self, body: Body, submitter: str = "alice@our.test") -> bytes:
        """What arrives of a message that SMTP has accepted."""
        inbound = Inbound(self.stores.mail, self.stores.queue, self.stores.threads)
        to = Recipient("bob@far.test", Elsewhere("bob@far.test"))
        origin = Origin("192.0.2.9", secure=True, submitter=submitter)
        await inbound.accept(Arrived("id", "alice@our.test", [to], body, 0, 1.0, origin=origin))
        await self.outbound.look()
        await self.outbound.idle()
        return self.there.messages[-1]

    def publish(self, *selectors: str) -> None:
        """The records of these keys of our.test."""
        for key in self.keys.of("our.test"):
            if key.selector in selectors:
                text = key.record()
                self.names.zone[key.name, "TXT"] = [f'"{text[:200]}" "{text[200:]}"']


@asynccontextmanager
async def office(root: Path, offers: Sequence[str] = ALL) -> AsyncIterator[Office]:
    async with far(offers=offers) as there, nameserver({}) as names:
        settings = Settings(
            root,
            "mail.our.test",
            outbound=Sending(smarthost=Address("127.0.0.1", there.port), smarthost_verify=False),
            dns=Dns(nameservers=(Address("127.0.0.1", names.port),)),
        )
        async with open_stores(settings) as stores:
            ours = await stores.directory.organisations.add("Ours")
            theirs = await stores.directory.organisations.add("Theirs")
            for domain, organisation in (("our.test", ours), ("sister.test", ours), ("stranger.test", theirs)):
                await stores.directory.domains.add(domain, organisation.id)
            yield Office(
                stores,
                open_outbound(settings, stores, open_hop(settings, stores, resolver(settings))),
                there,
                names,
                domain_keys(settings),
            )


def signers(message: bytes, keys: DomainKeys) -> list[tuple[str, str]]:
    """Domain and selector of each signature, all of which dkimpy finds good."""
    domains = [folder.name for folder in keys.folder.glob("*")]
    records = {f"{key.name}.".encode(): key.record().encode() for domain in domains for key in keys.of(domain)}
    verifier = dkim.DKIM(message)
    count = sum(name.lower() == b"dkim-signature" for name, _ in verifier.headers)
    found = []
    for index in range(count):
        assert verifier.verify(index, dnsfunc=lambda name, **_: records[name])
        found.append((verifier.domain.decode(), verifier.selector.decode()))
    return found


@on_loop
async def test_what_our_people_send_has_an_rsa_and_an_ed25519_signature(tmp_path: Path) -> None:
    async with office(tmp_path) as ours:
        found = signers(await ours.sends(mail()), ours.keys)
        assert [(domain, selector[0]) for domain, selector in found] == [("our.test", "r"), ("our.test", "e")]


@on_loop
async def test_a_large_message_is_signed_too(tmp_path: Path) -> None:
    body = mail(text="wörter \r\n" * 50_000)
    async with office(tmp_path) as ours:
        path = ours.stores.spool / "large"
        path.write_bytes(body)
        message = await ours.sends(SpooledFile(path, len(body)))
        assert message.endswith(body)
        assert len(signers(message, ours.keys)) == 2


@on_loop
async def test_what_the_next_server_cannot_take_is_converted_before_it_is_signed(tmp_path: Path) -> None:
    async with office(tmp_path, SEVEN_BIT_ONLY) as ours:
        message = await ours.sends(mail(text="Grüße"))
        assert message.isascii()
        assert len(signers(message, ours.keys)) == 2


@pytest.mark.parametrize(
    ("author", "submitter", "domain"),
    [
        ("alice@our.test", "alice@our.test", "our.test"),
        ("Alice@SISTER.test", "alice@our.test", "sister.test"),
        ("eve@stranger.test", "alice@our.test", None),
        ("alice@elsewhere.test", "alice@our.test", None),
        ("alice@desk.our.test", "alice@our.test", "our.test"),
        ("postmaster@mail.our.test", "postmaster@mail.our.test", "our.test"),
        ("alice@our.test", "", None),
    ],
)
@on_loop
async def test_only_mail_that_an_organisation_answers_for_is_signed(
    tmp_path: Path, author: str, submitter: str, domain: str | None
) -> None:
    """The last one came from outside and is redirected: anybody may have written it."""
    async with office(tmp_path) as ours:
        message = await ours.sends(mail(author), submitter)
        assert {domain for domain, _ in signers(message, ours.keys)} == ({domain} - {None})


@on_loop
async def test_new_keys_sign_when_dns_has_them(tmp_path: Path) -> None:
    async with office(tmp_path) as ours:
        old = [key.selector for key in ours.keys.ensure("our.test")]
        new = [key.selector for key in ours.keys.rotate("our.test")]
        ours.publish(*old, new[1])
        used = {selector for _, selector in signers(await ours.sends(mail()), ours.keys)}
        # The Ed25519 key is not there yet.
        assert used == {old[0], new[1]}


@on_loop
async def test_a_rotation_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    """No message ever has a signature whose key DNS does not know."""
    async with office(tmp_path) as ours:
        old = [key.selector for key in ours.keys.ensure("our.test")]
        ours.publish(*old)
        under_way = await ours.sends(mail())
        new = [key.selector for key in ours.keys.rotate("our.test")]
        ours.publish(*old, *new)
        assert {selector for _, selector in signers(await ours.sends(mail()), ours.keys)} == set(new)
        # What was sent before, and is still waiting somewhere, is good as long as the old records are there.
        assert {selector for _, selector in signers(under_way, ours.keys)} == set(old)
        for selector in old:
            ours.keys.remove("our.test", selector)
        ours.names.zone.clear()
        ours.publish(*new)
        assert {selector for _, selector in signers(await ours.sends(mail()), ours.keys)} == set(new)
        assert [key.selector for key in ours.keys.of("our.test")] == new


@on_loop
async def test_without_dns_the_old_keys_sign(tmp_path: Path) -> None:
    async with office(tmp_path) as ours:
        old = {key.selector for key in ours.keys.ensure("our.test")}
        ours.names.failing |= {key.name for key in ours.keys.rotate("our.test")}
        assert {selector for _, selector in signers(await ours.sends(mail()), ours.keys)} == old


@on_loop
async def test_a_key_that_cannot_be_read_holds_up_no_mail(tmp_path: Path) -> None:
    async with office(tmp_path) as ours:
        for key in ours.keys.ensure("our.test"):
            (ours.keys.folder / "our.test" / f"{key.selector}.pem").write_bytes(b"damaged")
        assert await ours.sends(mail()) == mail()


@on_loop
async def test_reports_are_signed_for_the_domain_that_the_server_is_in(tmp_path: Path) -> None:
    async with office(tmp_path) as ours:
        ours.there.answers = {"RCPT TO:<bob@far.test>": "550 5.1.1 No such user"}
        failed = QueuedMessage("eve@elsewhere.test", [QueuedRecipient("bob@far.test")], mail("eve@elsewhere.test"))
        await ours.stores.queue.put(failed)
        while await ours.stores.queue.entries():
            await ours.outbound.look()
            await ours.outbound.idle()
        report = ours.there.messages[-1]
        assert b"\r\nFrom: Mail delivery at mail.our.test <postmaster@mail.our.test>\r\n" in report
        assert {domain for domain, _ in signers(report, ours.keys)} == {"our.test"}


@on_loop
async def test_the_fields_of_a_report_on_tls_are_signed(tmp_path: Path) -> None:
    """RFC 8460, 5.3."""
    async with office(tmp_path) as ours:
        fields = b"TLS-Report-Domain: far.test\r\nTLS-Report-Submitter: mail.our.test\r\n"
        report = fields + mail("postmaster@mail.our.test")
        to = [QueuedRecipient("tls@far.test")]
        await ours.stores.queue.put(QueuedMessage("", to, report, submitter="postmaster@mail.our.test"))
        await ours.outbound.look()
        await ours.outbound.idle()
        (sent,) = ours.there.messages
        assert {domain for domain, _ in signers(sent, ours.keys)} == {"our.test"}
        assert sent.count(b"tls-report-domain") == sent.count(b"tls-report-submitter") == 2
