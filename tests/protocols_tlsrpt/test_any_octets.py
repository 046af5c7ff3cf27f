# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever strangers send is a report or is none."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.tlsrpt.model import Applied, Failure, Kind, Report, Summary
from protocols.tlsrpt.record import destinations, mail_address
from protocols.tlsrpt.report import BadReport, parse_report, reports_in, to_json, unpacked
from tests.protocols_tlsrpt.reporting import REPORT, mail

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
WORD = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=20)
COUNT = st.integers(0, 1 << 40)
DAYS = st.integers(0, 40_000).map(lambda day: day * 86_400)


def places(value: Any) -> list[tuple[dict[str, Any] | list[Any], Any]]:
    """Every container inside of a document, with each of its keys."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for key, each in inside:
        found += [(value, key), *places(each)]
    return found


@settings(max_examples=100)
@given(st.integers(min_value=0), JSON)
def test_a_report_with_anything_anywhere_is_read_or_refused(where: int, value: Any) -> None:
    document = json.loads(json.dumps(REPORT))
    spots = places(document)
    container, key = spots[where % len(spots)]
    container[key] = value
    with suppress(BadReport):
        parse_report(json.dumps(document).encode())


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_octets_are_read_or_refused(octets: bytes) -> None:
    try:
        parse_report(unpacked(octets))
    except BadReport:
        assert list(reports_in(mail(octets))) == []
    destinations([octets, b"v=TLSRPTv1;" + octets])


@settings(max_examples=100)
@given(st.text(max_size=40))
def test_an_address_is_one_that_may_stand_in_a_header(text: str) -> None:
    address = mail_address(f"mailto:{text}@a.test")
    assert address is None or (address.isascii() and not set(address) & set(' \r\n<>,;:"()[]\\'))


FAILURES = st.builds(Failure, WORD.filter(bool), COUNT, WORD, WORD, WORD, WORD)
POLICIES = st.builds(
    Applied,
    st.sampled_from(Kind),
    WORD.map(str.lower),
    st.lists(WORD, max_size=3).map(tuple),
    st.lists(WORD, max_size=3).map(tuple),
)
SUMMARIES = st.builds(Summary, POLICIES, COUNT, COUNT, st.lists(FAILURES, max_size=3).map(tuple))
REPORTS = st.builds(Report, WORD, WORD, WORD, DAYS, DAYS, st.lists(SUMMARIES, max_size=3).map(tuple))


@settings(max_examples=100)
@given(REPORTS)
def test_every_report_is_read_as_it_was_written(report: Report) -> None:
    assert parse_report(to_json(report)) == report
