# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports that we write can be read, by ourselves and by a reader of XML, whatever strangers put into them."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.dmarc import Policy, Record
from protocols.dmarc.destination import Destination, authorised, destinations
from protocols.dmarc.feedback import Feedback, Override, Reporter, Seen, SignatureSeen, SpfSeen, load
from protocols.dmarc.report import Row, parse_report
from protocols.dmarc.writing import to_xml

SEEN = Seen(
    source="192.0.2.1",
    author="news.example.org",
    envelope="bounces.example.net",
    disposition=Policy.NONE,
    spf=False,
    dkim=True,
    override=None,
    spf_seen=SpfSeen("bounces.example.net", "mfrom", "pass"),
    signatures=(SignatureSeen("example.org", "one", "pass"), SignatureSeen("example.net", "", "fail")),
)
FORGED = replace(
    SEEN,
    source="2001:db8::1",
    disposition=Policy.QUARANTINE,
    dkim=False,
    override=Override.LOCAL_POLICY,
    spf_seen=SpfSeen("mail.far.test", "helo", "none"),
    signatures=(),
    envelope="",
)
REPORTER = Reporter("Our Company & Sons", "postmaster@mail.our.test", "mail.our.test")
FEEDBACK = Feedback(
    REPORTER,
    "example.org",
    Record(Policy.REJECT, Policy.QUARANTINE, strict_spf=True, percent=50, failures="1"),
    1_700_006_400,
    1_700_092_799,
    [(SEEN, 7), (FORGED, 1)],
)


def test_our_own_reader_reads_a_report() -> None:
    report = parse_report(to_xml(FEEDBACK))
    assert (report.organisation, report.domain) == ("Our Company & Sons", "example.org")
    assert (report.begin, report.end) == (1_700_006_400, 1_700_092_799)
    assert report.id == "1700006400.example.org@mail.our.test"
    assert report.rows == (
        Row("192.0.2.1", 7, True, Policy.NONE, "news.example.org"),
        Row("2001:db8::1", 1, False, Policy.QUARANTINE, "news.example.org"),
    )


def paths(element: ElementTree.Element, above: str = "") -> list[str]:
    """Each element that holds text, with its path."""
    path = f"{above}/{element.tag}" if above else element.tag
    if len(element) == 0:
        return [f"{path}={element.text or ''}"]
    return [line for child in element for line in paths(child, path)]


def test_a_report_has_all_that_the_schema_asks_for_in_its_order() -> None:
    """RFC 7489, C."""
    root = ElementTree.fromstring(to_xml(replace(FEEDBACK, error="rows were left out")))  # noqa: S314
    assert root.tag == "feedback"
    assert [line for child in root for line in paths(child)] == [
        "version=1.0",
        "report_metadata/org_name=Our Company & Sons",
        "report_metadata/email=postmaster@mail.our.test",
        "report_metadata/report_id=1700006400.example.org@mail.our.test",
        "report_metadata/date_range/begin=1700006400",
        "report_metadata/date_range/end=1700092799",
        "report_metadata/error=rows were left out",
        "policy_published/domain=example.org",
        "policy_published/adkim=r",
        "policy_published/aspf=s",
        "policy_published/p=reject",
        "policy_published/sp=quarantine",
        "policy_published/pct=50",
        "policy_published/fo=1",
        "record/row/source_ip=192.0.2.1",
        "record/row/count=7",
        "record/row/policy_evaluated/disposition=none",
        "record/row/policy_evaluated/dkim=pass",
        "record/row/policy_evaluated/spf=fail",
        "record/identifiers/envelope_from=bounces.example.net",
        "record/identifiers/header_from=news.example.org",
        "record/auth_results/dkim/domain=example.org",
        "record/auth_results/dkim/selector=one",
        "record/auth_results/dkim/result=pass",
        "record/auth_results/dkim/domain=example.net",
        "record/auth_results/dkim/selector=",
        "record/auth_results/dkim/result=fail",
        "record/auth_results/spf/domain=bounces.example.net",
        "record/auth_results/spf/scope=mfrom",
        "record/auth_results/spf/result=pass",
        "record/row/source_ip=2001:db8::1",
        "record/row/count=1",
        "record/row/policy_evaluated/disposition=quarantine",
        "record/row/policy_evaluated/dkim=fail",
        "record/row/policy_evaluated/spf=fail",
        "record/row/policy_evaluated/reason/type=local_policy",
        "record/identifiers/envelope_from=",
        "record/identifiers/header_from=news.example.org",
        "record/auth_results/spf/domain=mail.far.test",
        "record/auth_results/spf/scope=helo",
        "record/auth_results/spf/result=none",
    ]


@given(st.text())
@settings(max_examples=100)
def test_no_text_of_a_stranger_breaks_a_report(text: str) -> None:
    seen = replace(SEEN, envelope=text, signatures=(SignatureSeen(text, text, "fail"),))
    assert load(seen.dump()) == seen
    assert len(parse_report(to_xml(replace(FEEDBACK, rows=[(seen, 1)]))).rows) == 1


@pytest.mark.parametrize("seen", [SEEN, FORGED])
def test_what_was_seen_is_the_same_after_it_was_kept(seen: Seen) -> None:
    assert load(seen.dump()) == seen


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("mailto:dmarc@example.org", [Destination("dmarc@example.org")]),
        (" MAILTO:dmarc@example.org!10m", [Destination("dmarc@example.org", 10 << 20)]),
        ("mailto:dmarc@example.org!5000", [Destination("dmarc@example.org", 5000)]),
        ("mailto:a%21b@example.org?subject=x!1K", [Destination("a!b@example.org", 1 << 10)]),
        ("mailto:dmarc@example.org!10x", []),
        ("mailto:dmarc", []),
        ("mailto:a%0d%0aRCPT@example.org", []),
        ("mailto:a@example.org%3e", []),
        ("https://example.org/dmarc", []),
    ],
)
def test_reports_go_to_addresses_with_a_limit_or_without(uri: str, found: list[Destination]) -> None:
    """RFC 7489, 6.2."""
    assert destinations([uri]) == found


def test_an_address_that_is_named_twice_gets_one_report() -> None:
    assert destinations(["mailto:dmarc@a.test!1m", "mailto:DMARC@a.test"]) == [Destination("dmarc@a.test", 1 << 20)]


WANTED = Destination("dmarc@red.test")


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([], []),
        ([b"v=spf1 -all"], []),
        ([b"v=DMARC1"], [WANTED]),
        ([b"v=DMARC1;", b"other"], [WANTED]),
        ([b"v=DMARC1; rua=mailto:other@red.test!1m"], [Destination("other@red.test", 1 << 20)]),
        ([b"v=DMARC1; rua=mailto:other@victim.test"], []),
        ([b"v=DMARC1; rua=mailto:other@red.test,mailto:other@victim.test"], []),
    ],
)
def test_a_stranger_must_say_that_he_takes_the_reports(texts: list[bytes], found: list[Destination]) -> None:
    """RFC 7489, 7.1."""
    assert authorised(WANTED, texts) == found
