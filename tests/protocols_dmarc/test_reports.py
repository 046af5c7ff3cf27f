# SPDX-License-Identifier: GPL-3.0-or-later
"""Aggregate reports are read, whatever they are packed in, and summed up."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from protocols.dmarc import Policy
from protocols.dmarc.report import BadReport, Report, Row, parse_report, reports_in, unpacked
from protocols.dmarc.totals import Total, totals
from tests.protocols_dmarc.reporting import mail, row, xml

XML = xml(row(count=7) + row("2001:db8::1", 2, "fail", "reject"))
REPORT = Report(
    "far.test",
    "1",
    "example.org",
    1_700_000_000,
    1_700_086_400,
    (
        Row("192.0.2.1", 7, True, Policy.NONE, "example.org"),
        Row("2001:db8::1", 2, False, Policy.REJECT, "example.org"),
    ),
)


def zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.xml", data)
    return packed.getvalue()


def test_a_report_is_read() -> None:
    assert parse_report(XML) == REPORT


@pytest.mark.parametrize("packed", [XML, gzip.compress(XML), zipped(XML)], ids=["bare", "gzip", "zip"])
def test_a_report_comes_in_several_wrappings(packed: bytes) -> None:
    assert parse_report(unpacked(packed)) == REPORT
    assert list(reports_in(mail(packed))) == [REPORT]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
BAD = [
    b"",
    b"<feedback>",
    b"<feedback></feedback>",
    xml(row(count=7).replace(">7<", ">many<")),
    xml(row(disposition="moo")),
    xml(top=BOMB),
    b"PK\x03\x04 not a zip",
    b"\x1f\x8b not gzip",
    zipped(XML)[:-30],
]


@pytest.mark.parametrize("data", BAD)
def test_what_is_no_report_is_passed_over(data: bytes) -> None:
    with pytest.raises(BadReport):
        parse_report(unpacked(data))
    assert list(reports_in(mail(data))) == []


@pytest.mark.parametrize("data", [gzip.compress(bytes(60_000_000)), zipped(bytes(60_000_000))], ids=["gzip", "zip"])
def test_a_bomb_is_not_unpacked_whole(data: bytes) -> None:
    with pytest.raises(BadReport, match="too large"):
        unpacked(data)


def test_totals_are_by_domain_and_source_with_failures_first_and_each_report_once() -> None:
    other = parse_report(xml(row(count=3) + row("192.0.2.9", 5, "fail", "quarantine"), number="2"))
    assert totals([REPORT, other, REPORT]) == [
        Total("example.org", "192.0.2.9", 5, 0, 5, 0),
        Total("example.org", "2001:db8::1", 2, 0, 0, 2),
        Total("example.org", "192.0.2.1", 10, 10, 0, 0),
    ]
