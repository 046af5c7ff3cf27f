# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports on TLS are written, read and summed up."""

from __future__ import annotations

import gzip
import json
from email import message_from_bytes
from typing import Any

import pytest

from protocols.tlsrpt.mailing import Envelope, pack, report_mail
from protocols.tlsrpt.model import Applied, Failure, Kind, Report, Summary
from protocols.tlsrpt.record import destinations, mail_address
from protocols.tlsrpt.report import BadReport, parse_report, reports_in, to_json, unpacked
from protocols.tlsrpt.totals import Total, totals
from tests.protocols_tlsrpt.reporting import REPORT, encoded, mail

OURS = Report(
    "Example",
    "postmaster@mail.example.org",
    "0123456789abcdef@mail.example.org",
    1_700_006_400,
    1_700_092_799,
    (
        Summary(Applied(Kind.NONE, "far.test"), 2, 0),
        Summary(
            Applied(Kind.STS, "far.test", ("version: STSv1", "mode: enforce", "mx: *.far.test"), ("*.far.test",)),
            successful=5,
            failed=1,
            failures=(Failure("certificate-expired", 1, "192.0.2.7", "mx.far.test", "192.0.2.1", "has expired"),),
        ),
        Summary(Applied(Kind.TLSA, "mx.far.test", ("3 1 1 00ff",)), 0, 1, (Failure("dnssec-invalid", 1),)),
    ),
)


def test_the_example_of_the_rfc_is_read() -> None:
    """RFC 8460, 4.4 and appendix B."""
    report = parse_report(encoded())
    (summary,) = report.summaries
    assert (report.organisation, report.begin, report.end) == ("Company-X", 1_459_468_800, 1_459_555_199)
    assert summary.policy.mx == ("*.mail.company-y.example",)
    assert (summary.successful, summary.failed) == (5326, 303)
    assert [failure.count for failure in summary.failures] == [100, 200, 3]
    assert summary.failures[2] == Failure(
        "validation-failure",
        3,
        "198.51.100.62",
        "mx-backup.mail.company-y.example",
        "203.0.113.58",
        "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED",
    )


def test_what_is_written_is_read_again() -> None:
    assert parse_report(to_json(OURS)) == OURS
    written = json.loads(to_json(OURS))
    assert written["date-range"] == {"start-datetime": "2023-11-15T00:00:00Z", "end-datetime": "2023-11-15T23:59:59Z"}
    assert written["policies"][0]["policy"] == {"policy-type": "no-policy-found", "policy-domain": "far.test"}


def test_a_report_goes_by_mail_as_the_rfc_wants_it() -> None:
    """RFC 8460, 5.1 and 5.3."""
    octets = report_mail(OURS, pack(OURS), Envelope("far.test", "tls@far.test", "=abc", 1_700_100_000))
    assert octets.isascii()
    assert max(map(len, octets.split(b"\r\n"))) <= 200
    assert b"\n" not in octets.replace(b"\r\n", b"")
    message = message_from_bytes(octets)
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "tlsrpt"
    assert message["TLS-Report-Domain"] == "far.test"
    assert message["TLS-Report-Submitter"] == "mail.example.org"
    assert " ".join(message["Subject"].split()) == (
        "Report Domain: far.test Submitter: mail.example.org Report-ID: <0123456789abcdef@mail.example.org>"
    )
    report = list(message.walk())[2]
    assert report.get_content_type() == "application/tlsrpt+gzip"
    name = "mail.example.org!far.test!1700006400!1700092799!0123456789abcdef.json.gz"
    assert report.get_filename() == name
    assert list(reports_in(octets)) == [OURS]


@pytest.mark.parametrize(
    ("packed", "subtype"),
    [(gzip.compress(encoded()), "tlsrpt+gzip"), (encoded(), "tlsrpt+json"), (gzip.compress(encoded()), "gzip")],
)
def test_a_report_comes_in_several_wrappings(packed: bytes, subtype: str) -> None:
    assert list(reports_in(mail(packed, subtype))) == [parse_report(encoded())]


def policy(**more: Any) -> dict[str, Any]:
    return {"policies": [REPORT["policies"][0] | more]}


BAD = [
    b"",
    b"{}",
    b"[]",
    b"[" * 100_000,
    encoded(**{"date-range": {"start-datetime": "yesterday", "end-datetime": "today"}}),
    encoded(policies=[{}]),
    encoded(**policy(policy={"policy-type": "magic", "policy-domain": "a.test"})),
    encoded(**policy(**{"failure-details": [{"result-type": "x", "failed-session-count": "many"}]})),
    encoded(**policy(**{"failure-details": 7})),
    b"\x1f\x8b not gzip",
]


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_what_is_no_report_is_passed_over(data: bytes) -> None:
    with pytest.raises(BadReport):
        parse_report(unpacked(data))
    assert list(reports_in(mail(data))) == []


def test_a_bomb_is_not_unpacked_whole() -> None:
    with pytest.raises(BadReport, match="too large"):
        unpacked(gzip.compress(bytes(30_000_000)))


def test_what_could_move_the_cursor_of_a_terminal_does_not() -> None:
    assert parse_report(encoded(**{"organization-name": "\x1b[2JEvil"})).organisation == "?[2JEvil"


def test_totals_have_failures_first_and_each_report_once() -> None:
    report = parse_report(encoded())
    quiet = parse_report(
        encoded(**{"report-id": "2"}, **policy(summary={"total-failure-session-count": 4}, **{"failure-details": []}))
    )
    assert totals([report, quiet, report]) == [
        Total("company-y.example", "sts", "mx2.mail.company-y.example", "starttls-not-supported", 200),
        Total("company-y.example", "sts", "mx1.mail.company-y.example", "certificate-expired", 100),
        Total("company-y.example", "sts", "", "unexplained", 4),
        Total("company-y.example", "sts", "mx-backup.mail.company-y.example", "validation-failure", 3),
        Total("company-y.example", "sts", "", "success", 5326),
    ]


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ([b"v=TLSRPTv1;rua=mailto:reports@a.test"], ("mailto:reports@a.test",)),
        ([b"v=TLSRPTv1; rua=mailto:a@a.test , https://a.test/v1 ; x=y;"], ("mailto:a@a.test", "https://a.test/v1")),
        ([b"v=spf1 -all", b"v=TLSRPTv1; x=y; rua=mailto:a@a.test"], ("mailto:a@a.test",)),
        ([b"v=TLSRPTv1;rua=mailto:a@a.test", b"v=TLSRPTv1;rua=mailto:b@a.test"], ()),
        ([b"v=TLSRPTv1;rua="], ()),
        ([b"v=TLSRPTv2;rua=mailto:a@a.test"], ()),
        ([], ()),
        (
            [b"v=TLSRPTv1;rua=" + b",".join(b"mailto:%d@a.test" % n for n in range(9))],
            tuple(f"mailto:{n}@a.test" for n in range(5)),
        ),
    ],
)
def test_destinations(records: list[bytes], found: tuple[str, ...]) -> None:
    """RFC 8460, 3."""
    assert destinations(records) == found


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("mailto:a@a.test", "a@a.test"),
        ("MAILTO:a%21b@a.test?subject=x", "a!b@a.test"),
        ("mailto:a%0d%0aBcc:b@a.test", None),
        ("mailto:a", None),
        ("https://a.test/", None),
    ],
)
def test_addresses_of_destinations(uri: str, address: str | None) -> None:
    assert mail_address(uri) == address
