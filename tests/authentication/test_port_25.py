# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail from strangers, from the socket to the mailbox, with DNS on loopback."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ikserver.delivery.authentication.admission import Admission
from ikserver.delivery.authentication.examination import Examination
from ikserver.delivery.authentication.rules import Rules
from ikserver.dns.resolver import open_resolver
from ikserver.model.activity import Status, Wanted
from ikserver.model.authentication import Disposition
from ikserver.smtp.limits import SmtpLimits
from ikserver.smtp.lmtp import Lmtp
from ikserver.smtp.submission import Submission
from tests.dns.nameserver import Nameserver, nameserver
from tests.smtp.house import PASSWORD, Client, House, house
from tests.support import on_loop

KEY = rsa.generate_private_key(65537, 2048)
PRIVATE = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
HALVES = f'"v=DKIM1; p={PUBLIC[:200]}" "{PUBLIC[200:]}"'

ZONE: Mapping[tuple[str, str], Sequence[str]] = {
    ("1.0.0.127.in-addr.arpa", "PTR"): ["mail.far.test."],
    ("mail.far.test", "A"): ["127.0.0.1"],
    ("mail.far.test", "TXT"): ['"v=spf1 a -all"'],
    ("far.test", "TXT"): ['"v=spf1 mx -all"'],
    ("far.test", "MX"): ["10 mail.far.test."],
    ("_dmarc.far.test", "TXT"): ['"v=DMARC1; p=reject; sp=quarantine"'],
    ("one._domainkey.far.test", "TXT"): [HALVES],
    ("bank.test", "TXT"): ['"v=spf1 -all"'],
    ("_dmarc.bank.test", "TXT"): ['"v=DMARC1; p=reject"'],
    ("_dmarc.shop.test", "TXT"): ['"v=DMARC1; p=quarantine"'],
    ("one._domainkey.list.test", "TXT"): [HALVES],
}
MESSAGE = b"From: Ann <ann@far.test>\r\nTo: alice@example.org\r\nSubject: hello\r\n\r\nA line.\r\n"


@asynccontextmanager
async def port_25(
    root: Path, rules: Rules | None = None, *, refuse_listed: bool = False, **more: Any
) -> AsyncIterator[tuple[House, Client, Nameserver]]:
    """A house that examines its callers, one of them, who has said EHLO mail.far.test, and the nameserver."""
    async with nameserver(ZONE) as server:
        resolver = open_resolver([("127.0.0.1", server.port)])

        def admission(threads: Executor) -> Admission:
            examination = Examination(resolver, threads, rules or Rules(), draw=lambda: 99)
            return Admission(examination, "mail.example.org", threads, refuse_listed=refuse_listed)

        async with house(root, admission=admission, **more) as home:
            client = await Client.connect(home.port)
            await client.ask("LHLO mail.far.test" if more.get("role") == Lmtp() else "EHLO mail.far.test")
            yield home, client, server


def findings(stored: bytes) -> list[str]:
    """The lines of our Authentication-Results, which is the second field."""
    _, _, rest = stored.partition(b"\r\n")
    field, _, rest = rest.partition(b"\r\nReceived: ")
    assert rest
    name, *lines = field.decode().split("\r\n\t")
    assert name == "Authentication-Results: mail.example.org;"
    return [line.rstrip(";") for line in lines]


@on_loop
async def test_a_message_that_is_not_signed_is_told_apart_by_its_address(tmp_path: Path) -> None:
    async with port_25(tmp_path) as (home, client, _):
        assert (await client.deliver(MESSAGE, sender="ann@far.test")).startswith("250 ")
        (stored,) = await home.inbox()
        assert stored.startswith(b"Return-Path: <ann@far.test>\r\nAuthentication-Results: ")
        assert stored.endswith(MESSAGE)
        assert findings(stored) == [
            "spf=pass smtp.mailfrom=ann@far.test",
            "spf=pass smtp.helo=mail.far.test",
            "dkim=none",
            "dmarc=pass header.from=far.test",
            "iprev=pass policy.iprev=127.0.0.1",
        ]


def signed(message: bytes, domain: bytes = b"far.test", **how: Any) -> bytes:
    """As another implementation signs it."""
    field: bytes = dkim.sign(message, b"one", domain, PRIVATE, **how)
    return field + message


@pytest.mark.parametrize("memory", [10, 1_000_000], ids=["in a file", "in memory"])
@on_loop
async def test_a_signature_survives_forwarding(tmp_path: Path, memory: int) -> None:
    async with port_25(tmp_path, limits=SmtpLimits(memory=memory)) as (home, client, _):
        message = signed(MESSAGE + b"\r\n x\r\n" * 50_000)
        assert (await client.deliver(message, sender="forward@elsewhere.test")).startswith("250 ")
        (stored,) = await home.inbox()
        assert stored.endswith(message)
        assert stored.count(b"\r\nAuthentication-Results: ") == 1
        told = findings(stored)
        assert told[0] == "spf=none smtp.mailfrom=forward@elsewhere.test"
        assert told[2].startswith("dkim=pass header.d=far.test header.s=one header.a=rsa-sha256 header.b=")
        assert told[3] == "dmarc=pass header.from=far.test"
        assert list(home.spool.iterdir()) == []


@on_loop
async def test_a_changed_message_has_no_signature_that_holds(tmp_path: Path) -> None:
    async with port_25(tmp_path, Rules(dmarc=Disposition.NONE)) as (home, client, _):
        await client.deliver(signed(MESSAGE) + b"Buy!\r\n", sender="forward@elsewhere.test")
        told = findings((await home.inbox())[0])
        assert told[2].startswith('dkim=fail reason="body hash did not verify" header.d=far.test')
        assert told[3] == "dmarc=fail policy.dmarc=reject header.from=far.test"


@pytest.mark.parametrize("memory", [10, 1_000_000], ids=["in a file", "in memory"])
@on_loop
async def test_mail_that_a_domain_disowns_is_refused_and_nothing_stays(tmp_path: Path, memory: int) -> None:
    async with port_25(tmp_path, limits=SmtpLimits(memory=memory)) as (home, client, _):
        forged = MESSAGE.replace(b"ann@far.test", b"boss@bank.test")
        answer = await client.deliver(forged, sender="ann@far.test")
        assert answer == "550 5.7.1 The domain bank.test wants such mail refused: DMARC failed"
        assert await home.inbox() == []
        assert list(home.spool.iterdir()) == []
        assert (await client.deliver(MESSAGE, sender="ann@far.test")).startswith("250 ")


@on_loop
async def test_mail_that_a_domain_wants_kept_apart_goes_to_junk(tmp_path: Path) -> None:
    async with port_25(tmp_path) as (home, client, _):
        forged = MESSAGE.replace(b"ann@far.test", b"sales@shop.test")
        assert (await client.deliver(forged, sender="ann@far.test")).startswith("250 ")
        assert await home.inbox() == []
        (stored,) = await home.inbox(mailbox="Junk")
        assert findings(stored)[3] == "dmarc=fail policy.dmarc=quarantine header.from=shop.test"


@on_loop
async def test_the_setting_says_how_much_is_done_at_most(tmp_path: Path) -> None:
    async with port_25(tmp_path, Rules(dmarc=Disposition.QUARANTINE)) as (home, client, _):
        forged = MESSAGE.replace(b"ann@far.test", b"boss@bank.test")
        assert (await client.deliver(forged, sender="ann@far.test")).startswith("250 ")
        assert len(await home.inbox(mailbox="Junk")) == 1


@on_loop
async def test_what_became_of_an_arc_chain_is_told_with_who_brought_it(tmp_path: Path) -> None:
    """RFC 8617, 6."""
    async with port_25(tmp_path) as (home, client, _):
        assert (await client.deliver(b"ARC-Seal: i=1; cv=none\r\n" + MESSAGE, sender="ann@far.test")).startswith("250 ")
        told = findings((await home.inbox())[0])
        assert told[4] == 'arc=fail reason="incomplete set" smtp.remote-ip=127.0.0.1'


@on_loop
async def test_a_second_author_does_not_hide_behind_the_first(tmp_path: Path) -> None:
    """RFC 7489, 6.6.1."""
    async with port_25(tmp_path) as (_, client, _):
        two = MESSAGE.replace(b"Ann <ann@far.test>", b"Ann <ann@far.test>, Boss <boss@bank.test>")
        assert (await client.deliver(two, sender="ann@far.test")).startswith("550 5.7.1 ")
        twice = b"From: boss@bank.test\r\n" + MESSAGE
        assert (await client.deliver(twice, sender="ann@far.test")).startswith("550 5.7.1 ")


@pytest.mark.parametrize("memory", [10, 1_000_000], ids=["in a file", "in memory"])
@on_loop
async def test_results_that_bear_our_name_are_taken_out(tmp_path: Path, memory: int) -> None:
    """RFC 8601, 5."""
    forged = (
        b"Authentication-Results: mail.example.org; dmarc=pass header.from=bank.test\r\n"
        b"AUTHENTICATION-RESULTS :\r\n\t(of course) MAIL.example.org 1;\r\n\tspf=pass\r\n"
    )
    other = b"Authentication-Results: mx.far.test; spf=pass\r\n"
    body = b"\r\nAuthentication-Results: mail.example.org; in the body\r\n" + b"x\r\n" * 1000
    async with port_25(tmp_path, limits=SmtpLimits(memory=memory)) as (home, client, _):
        sent = b"From: ann@far.test\r\n" + forged + other + b"Subject: hello\r\n" + forged
        await client.deliver(sent + body, sender="ann@far.test")
        (stored,) = await home.inbox()
        assert stored.endswith(b"\r\nFrom: ann@far.test\r\n" + other + b"Subject: hello\r\n" + body)


@on_loop
async def test_nothing_hides_behind_a_header_that_nobody_reads_to_its_end(tmp_path: Path) -> None:
    forged = b"Authentication-Results: mail.example.org; dmarc=pass\r\n"
    async with port_25(tmp_path) as (home, client, _):
        field = b"X-Long: " + b"x" * 990 + b"\r\n"
        answer = await client.deliver(field * 1100 + forged + MESSAGE, sender="ann@far.test")
        assert answer == "552 5.3.4 The header of the message is larger than this server takes"
        assert list(home.spool.iterdir()) == []
        assert (await client.deliver(field * 900 + forged + MESSAGE, sender="ann@far.test")).startswith("250 ")
        assert forged not in (await home.inbox())[0]


@on_loop
async def test_when_dns_is_down_mail_is_accepted_with_a_temporary_error(tmp_path: Path) -> None:
    async with port_25(tmp_path) as (home, client, server):
        server.failing.update(name for name, _ in ZONE)
        assert (await client.deliver(MESSAGE, sender="ann@far.test")).startswith("250 ")
        assert findings((await home.inbox())[0]) == [
            "spf=temperror smtp.mailfrom=ann@far.test",
            "spf=temperror smtp.helo=mail.far.test",
            "dkim=none",
            "dmarc=temperror header.from=far.test",
            "iprev=temperror policy.iprev=127.0.0.1",
        ]


@on_loop
async def test_the_same_again_asks_dns_nothing(tmp_path: Path) -> None:
    async with port_25(tmp_path) as (_, client, server):
        await client.deliver(MESSAGE, sender="ann@far.test")
        asked = dict(server.asked)
        await client.deliver(MESSAGE, sender="bob@far.test")
        assert server.asked == asked


LISTS = Rules(bad_lists=("bad.test", "worse.test"), good_lists=("good.test",))
ON_LISTS = [
    ({}, "250 "),
    ({"worse": "127.0.0.2"}, "554 5.7.1 127.0.0.1 is on the list worse.test"),
    ({"worse": "127.0.0.2", "good": "127.0.0.1"}, "250 "),
    ({"bad": "127.255.255.254"}, "250 "),
    ({"bad": "192.0.2.1"}, "250 "),
]


@pytest.mark.parametrize(("entries", "answer"), ON_LISTS)
@on_loop
async def test_a_bad_list_may_refuse_a_client_and_a_good_one_save_it(
    tmp_path: Path, entries: dict[str, str], answer: str
) -> None:
    """RFC 5782, 2.1: 127.255.255.254 is what a list says that does not want to be asked by us."""
    async with port_25(tmp_path, LISTS, refuse_listed=True) as (_, client, server):
        for name, address in entries.items():
            server.zone[f"1.0.0.127.{name}.test", "A"] = [address]
        assert (await client.deliver(MESSAGE, sender="ann@far.test")).startswith(answer)


@pytest.mark.parametrize("memory", [10, 1_000_000], ids=["in a file", "in memory"])
@on_loop
async def test_our_own_people_cannot_say_what_only_we_may_say(tmp_path: Path, memory: int) -> None:
    """RFC 8601, 5."""
    forged = b"Authentication-Results: mail.example.org; dmarc=pass\r\n"
    sent = b"From: alice@example.org\r\nDate: x\r\nMessage-ID: <1@x>\r\n"
    limits = SmtpLimits(memory=memory)
    async with port_25(tmp_path, role=Submission(), plaintext_login=True, limits=limits) as (home, client, server):
        login = base64.b64encode(f"\0alice@example.org\0{PASSWORD}".encode()).decode()
        assert (await client.ask(f"AUTH PLAIN {login}")).startswith("235 ")
        assert (await client.deliver(sent + forged + b"\r\nHello.\r\n", sender="alice@example.org")).startswith("250 ")
        (stored,) = await home.inbox()
        assert stored.endswith(b"\r\n" + sent + b"\r\nHello.\r\n")
        assert b"Authentication-Results" not in stored
        assert not server.asked


@on_loop
async def test_lmtp_asks_nothing(tmp_path: Path) -> None:
    async with port_25(tmp_path, role=Lmtp()) as (home, client, server):
        assert (await client.deliver(MESSAGE, sender="boss@bank.test")).startswith("250 ")
        assert b"Authentication-Results" not in (await home.inbox())[0]
        assert not server.asked


@on_loop
async def test_clients_of_our_own_networks_are_not_asked_about(tmp_path: Path) -> None:
    async with nameserver(ZONE) as server:

        def admission(threads: Executor) -> Admission:
            resolver = open_resolver([("127.0.0.1", server.port)])
            return Admission(
                Examination(resolver, threads, Rules()), "h.test", threads, own=[ip_network("127.0.0.0/8")]
            )

        async with house(tmp_path, admission=admission) as home:
            client = await Client.connect(home.port)
            await client.ask("EHLO h.test")
            assert (await client.deliver(MESSAGE, sender="boss@bank.test")).startswith("250 ")
            assert not server.asked


@on_loop
async def test_what_was_found_is_in_the_activity_log_also_of_what_is_refused(tmp_path: Path) -> None:
    """LOG-07, LOG-08."""
    async with port_25(tmp_path) as (home, client, _):
        await client.deliver(MESSAGE, sender="ann@far.test")
        forged = MESSAGE.replace(b"ann@far.test", b"boss@bank.test").replace(b"hello", b"urgent")
        assert (await client.deliver(forged, sender="ann@far.test")).startswith("550 5.7.1 ")
        await home.journal.carry()
        refused, received = (await home.activity.search(Wanted("alice@example.org"))).events
    assert (received.status, received.authentication) == (Status.RECEIVED, "spf=pass dkim=none dmarc=pass arc=none")
    assert (refused.status, refused.authentication) == (Status.REJECTED, "spf=pass dkim=none dmarc=fail arc=none")
    assert (refused.subject, refused.header_from, refused.client_name) == ("urgent", "boss@bank.test", "mail.far.test")
