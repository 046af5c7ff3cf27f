# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS records of a domain and its keys, as sessions at a terminal, with a nameserver that knows some of them."""

from __future__ import annotations

import json
from typing import Any

import dns.zone

from ikserver.settings import FILE_NAME
from tests.cli.terminal import Terminal
from tests.dns.nameserver import Nameserver, nameserver
from tests.support import on_loop

ZONE = {("mail.a.test", "A"): ["192.0.2.1"]}


async def domain_added(terminal: Terminal, server: Nameserver) -> None:
    """a.test, on a server that asks this nameserver."""
    with (terminal.data / FILE_NAME).open("a") as settings:
        settings.write(f'\n[dns]\nnameservers = ["127.0.0.1:{server.port}"]\n')
    await terminal.run("domain add a.test")


async def records(terminal: Terminal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await terminal.run("domain dns a.test --json"))
    return found


def publish(server: Nameserver, record: dict[str, Any]) -> None:
    """As an operator does who pastes the line."""
    text = record["data"]
    strings = " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
    server.zone[record["name"], record["type"]] = [strings if record["type"] == "TXT" else text]


@on_loop
async def test_what_is_to_be_published_is_a_zone_file(terminal: Terminal) -> None:
    async with nameserver(ZONE) as server:
        await domain_added(terminal, server)
        lines = await terminal.run("domain dns a.test")
    zone = dns.zone.from_text(f"$TTL 300\n{lines}", "a.test", relativize=False, check_origin=False)
    kinds = {name.to_text(): sorted(s.rdtype.name for s in node) for name, node in zone.nodes.items()}
    assert list(kinds.values()) == [["MX", "TXT"], *[["TXT"]] * 5, ["CNAME"], ["TXT"]]
    selectors = [path.stem for path in sorted((terminal.data / "keys/dkim/a.test").iterdir())]
    keys = [f"{selector}._domainkey.a.test." for selector in selectors]
    transport = ["_mta-sts.a.test.", "mta-sts.a.test.", "_smtp._tls.a.test."]
    assert list(kinds) == ["a.test.", "mail.a.test.", *keys, "_dmarc.a.test.", *transport]


@on_loop
async def test_each_record_is_ticked_once_dns_has_it(terminal: Terminal) -> None:
    async with nameserver(ZONE) as server:
        await domain_added(terminal, server)
        wanted = await records(terminal)
        assert [record["published"] for record in wanted] == [False] * 9
        for record in wanted:
            publish(server, record)
        await terminal.shows(
            """
            $ domain dns a.test
            a.test. MX 10 mail.a.test. ; ✓ MX of a.test leads to mail.a.test
            a.test. TXT "v=spf1 mx -all" ; ✓ TXT of a.test lets this server send
            mail.a.test. TXT "v=spf1 a -all" ; ✓ TXT of mail.a.test lets this server send
            e...a._domainkey.a.test. TXT "v=DKIM1; k=ed25519; p=..." ; ✓ TXT of e...a._domainkey.a.test is there
            r...a._domainkey.a.test. TXT ( "v=DKIM1; k=rsa; p=..." "..." ) ; ✓ TXT of r...a._domainkey.a.test is there
            _dmarc.a.test. TXT "v=DMARC1; p=quarantine" ; ✓ TXT of _dmarc.a.test asks for quarantine
            _mta-sts.a.test. TXT "v=STSv1; id=...;" ; ✓ TXT of _mta-sts.a.test has the id of the policy
            mta-sts.a.test. CNAME mail.a.test. ; ✓ CNAME of mta-sts.a.test leads to mail.a.test
            _smtp._tls.a.test. TXT "v=TLSRPTv1; rua=mailto:postmaster@a.test" ; ✓ ... asks for reports
            """
        )


@on_loop
async def test_wrong_records_are_told_from_missing_ones(terminal: Terminal) -> None:
    async with nameserver(ZONE) as server:
        await domain_added(terminal, server)
        for record in await records(terminal):
            publish(server, record)
        rsa = next(name for name, _ in server.zone if name.startswith("r"))
        server.zone |= {
            ("a.test", "MX"): ["10 other.test."],
            ("a.test", "TXT"): ['"v=spf1 -all"', '"verification=7"'],
            (rsa, "TXT"): ['"v=DKIM1; k=rsa; p="'],
            ("_dmarc.a.test", "TXT"): ['"v=DMARC1; p=none"'],
        }
        found = {record["found"] for record in await records(terminal) if not record["published"]}
        assert found == {
            "MX of a.test leads to other.test and not to mail.a.test",
            "TXT of a.test 'v=spf1 -all' says fail of 192.0.2.1, which is this server: add mx to it",
            f"TXT of {rsa} cannot be used: key revoked",
            "TXT of _dmarc.a.test has p=none: forged mail is delivered",
        }


@on_loop
async def test_another_transport_policy_has_another_id(terminal: Terminal) -> None:
    async with nameserver(ZONE) as server:
        await domain_added(terminal, server)
        for record in await records(terminal):
            publish(server, record)
        await terminal.run("domain mta-sts a.test enforce")
        (found,) = [record["found"] for record in await records(terminal) if not record["published"]]
        assert found.startswith("TXT of _mta-sts.a.test has the id ")
        await terminal.shows(
            """
            $ domain list
            DOMAIN  ORGANISATION  ACCOUNTS  CATCHALL  MTA STS  POSTMASTER
            a.test  a.test        0         off       enforce  -
            """
        )


@on_loop
async def test_keys_are_rotated_and_removed(terminal: Terminal) -> None:
    async with nameserver(ZONE) as server:
        await domain_added(terminal, server)
        first, second = sorted(path.stem for path in (terminal.data / "keys/dkim/a.test").iterdir())
        await terminal.shows(
            f"""
            $ domain keys rotate a.test
            e...b._domainkey.a.test. TXT "v=DKIM1; k=ed25519; p=..."
            r...b._domainkey.a.test. TXT ( "v=DKIM1; k=rsa; p=..." )
            $ domain keys remove a.test {second}
            $ domain keys remove a.test {second}
            ! ikserver: a.test has no key {second}
            = 1
            $ domain keys list a.test
            SELECTOR  KIND     NEWEST
            {first}    ed25519  no
            e...b    ed25519  yes
            r...b    rsa      yes
            $ domain keys list b.test
            ! ikserver: there is no domain b.test
            = 1
            """
        )


@on_loop
async def test_a_domain_from_before_there_were_keys_gets_them(terminal: Terminal) -> None:
    async with nameserver(ZONE) as server:
        await domain_added(terminal, server)
        for path in (terminal.data / "keys/dkim/a.test").iterdir():
            path.unlink()
        assert len(await records(terminal)) == 9


@on_loop
async def test_a_removed_domain_leaves_no_keys(terminal: Terminal) -> None:
    await terminal.run("domain add a.test")
    await terminal.run("domain remove a.test")
    assert list((terminal.data / "keys/dkim").rglob("*.pem")) == []


@on_loop
async def test_the_doctor_says_what_to_publish(terminal: Terminal) -> None:
    """DIA-01. What is found in which case, tests/app/test_diagnosis.py tells."""
    async with nameserver(ZONE) as server:
        await domain_added(terminal, server)
        await terminal.shows(
            """
            $ doctor domain a.test
            FAULT    mx           MX of a.test is missing
                                  publish: a.test. MX 10 mail.a.test.
            FAULT    spf          TXT of a.test is missing
                                  publish: a.test. TXT "v=spf1 mx -all"
            FAULT    spf          TXT of mail.a.test is missing
                                  publish: mail.a.test. TXT "v=spf1 a -all"
            FAULT    dkim         TXT of e...a._domainkey.a.test is missing
                                  publish: e...a._domainkey.a.test. TXT "v=DKIM1; k=ed25519; p=..."
            FAULT    dkim         TXT of r...a._domainkey.a.test is missing
                                  publish: r...a._domainkey.a.test. TXT ( "v=DKIM1; k=rsa; p=..." "..." )
            FAULT    dmarc        TXT of _dmarc.a.test is missing
                                  publish: _dmarc.a.test. TXT "v=DMARC1; p=quarantine"
            warning  mta-sts      TXT of _mta-sts.a.test is missing: forgers in between can take TLS away
                                  publish: _mta-sts.a.test. TXT "v=STSv1; id=...;"
            warning  mta-sts      CNAME of mta-sts.a.test is missing: nobody finds the policy
                                  publish: mta-sts.a.test. CNAME mail.a.test.
            warning  tls-rpt      TXT of _smtp._tls.a.test is missing: nobody tells what fails with TLS
                                  publish: _smtp._tls.a.test. TXT "v=TLSRPTv1; rua=mailto:postmaster@a.test"
            warning  mta-sts      the policy of a.test cannot be had: ... mta-sts.a.test has no address
            FAULT    reverse      192.0.2.1 has no name: ask your provider to set its reverse name (PTR) to mail.a.test
            = 1
            $ doctor domain a.test --json
            [{"area": "mx", "level": "fault", "text": ... "publish": "a.test. MX 10 mail.a.test."}, ...]
            = 1
            $ doctor domain b.test
            ! ikserver: there is no domain b.test
            = 1
            """
        )
