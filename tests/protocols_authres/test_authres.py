# SPDX-License-Identifier: GPL-3.0-or-later
"""Our field as it goes into messages, and those of others that must not (RFC 8601)."""

from __future__ import annotations

import pytest

from protocols.authres import Finding, claimed, field, server_of


def test_a_field_tells_one_finding_a_line() -> None:
    findings = [
        Finding("spf", "pass", [("smtp.mailfrom", "ann@far.test"), ("smtp.helo", "")]),
        Finding("dkim", "fail", [("header.d", "far.test"), ("header.b", "ab/c+d==")], 'a "quoted"\r\n reason'),
    ]
    assert field("mail.example.org", findings).decode() == (
        "Authentication-Results: mail.example.org;\r\n"
        "\tspf=pass smtp.mailfrom=ann@far.test;\r\n"
        '\tdkim=fail reason="a ?quoted??? reason" header.d=far.test header.b="ab/c+d=="\r\n'
    )


def test_nothing_found_is_told_as_none() -> None:
    assert field("mail.example.org", []) == b"Authentication-Results: mail.example.org;\r\n\tnone\r\n"


def test_a_hostile_value_stays_one_value_on_one_short_line() -> None:
    told = field("mail.example.org", [Finding("spf", "fail", [("smtp.mailfrom", 'x"; dmarc=pass (\u00fc' * 100)])])
    assert told.count(b"\r\n") == 2
    assert max(map(len, told.split(b"\r\n"))) < 400
    assert told.count(b'"') == 2


SERVERS = [
    (b" mail.example.org; spf=pass", b"mail.example.org"),
    (b"mail.example.org", b"mail.example.org"),
    (b"\r\n\tMAIL.Example.ORG 1;\r\n none", b"mail.example.org"),
    (b' "mail.example.org"; none', b"mail.example.org"),
    (b" (a (nested \\) one)) mail.example.org(x); none", b"mail.example.org"),
    (b' (") mail.example.org; x="', b"mail.example.org"),
    (b" mx.example.net; none", b"mx.example.net"),
    (b" ; none", b""),
    (b" (never closed mail.example.org", b""),
    (b"", b""),
]


@pytest.mark.parametrize(("value", "server"), SERVERS)
def test_the_server_is_found_behind_comments(value: bytes, server: bytes) -> None:
    assert server_of(value) == server


def test_claims_are_found_in_the_header_only() -> None:
    claim = b"authentication-results:\r\n (x) mail.example.org;\r\n\tnone\r\n"
    other = b"Authentication-Results: mx.example.net; none\r\n"
    longer = b"X-Authentication-Results: mail.example.org; none\r\n"
    header = claim + b"From: a@b.test\r\n" + other + longer + claim
    message = header + b"\r\n" + claim
    found = list(claimed(message, len(header), "Mail.Example.Org"))
    assert found == [(0, len(claim)), (len(header) - len(claim), len(header))]
