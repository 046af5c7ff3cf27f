# SPDX-License-Identifier: GPL-3.0-or-later
"""Records, alignment and what is wanted (RFC 7489)."""

from __future__ import annotations

import pytest

from protocols.dmarc import Passed, Policy, Record, aligned, parse_record, records, sampled, wanted

NONE, QUARANTINE, REJECT = Policy.NONE, Policy.QUARANTINE, Policy.REJECT
RUA = ("mailto:dmarc@example.org",)

RECORDS = [
    (b"v=DMARC1; p=reject", Record(REJECT, REJECT)),
    (b"v=DMARC1;p=none;", Record(NONE, NONE)),
    (b" v=DMARC1; p=none", None),
    (b"v = DMARC1 ; P = Quarantine ; SP = reject", Record(QUARANTINE, REJECT)),
    (b"v=DMARC1; p=reject; sp=none; adkim=s; aspf=s; pct=5", Record(REJECT, NONE, True, True, 5)),
    (b"v=DMARC1; p=reject; adkim=x; pct=101; fo=x; np=moo; unknown", Record(REJECT, REJECT)),
    (b"v=DMARC1; p=none; np=reject; fo=1:d", Record(NONE, NONE, nonexistent=REJECT, failures="1:d")),
    (b"v=DMARC1; p=reject; pct=-1", Record(REJECT, REJECT)),
    (b"v=DMARC1; p=reject; p=none", Record(REJECT, REJECT)),
    (b"v=DMARC1; p=reject; rua=mailto:dmarc@example.org", Record(REJECT, REJECT, aggregate=RUA)),
    (b"v=DMARC1; rua=mailto:dmarc@example.org", Record(NONE, NONE, aggregate=RUA)),
    (b"v=DMARC1; p=reject; sp=wrong; rua=mailto:dmarc@example.org", Record(NONE, NONE, aggregate=RUA)),
    (b"v=DMARC1; rua=nowhere", None),
    (b"v=DMARC1; p=moo", None),
    (b"v=DMARC1", None),
    (b"v=dmarc1; p=reject", None),
    (b"v=DMARC10; p=reject", None),
    (b"p=reject; v=DMARC1", None),
    (b"", None),
]


@pytest.mark.parametrize(("text", "record"), RECORDS, ids=[text.decode() for text, _ in RECORDS])
def test_a_record_is_read_tolerantly_and_exactly(text: bytes, record: Record | None) -> None:
    assert parse_record(text) == record


def test_other_texts_do_not_count() -> None:
    """RFC 7489, 6.6.3."""
    assert records([b"v=spf1 -all", b"v=DMARC1; p=none", b"v=DMARC1", b"dmarc"]) == [b"v=DMARC1; p=none", b"v=DMARC1"]


def organisational(domain: str) -> str:
    return ".".join(domain.split(".")[-2:])


RELAXED, STRICT = Record(REJECT, REJECT), Record(REJECT, REJECT, True, True)
ALIGNMENT = [
    ("example.org", Passed("example.org", []), STRICT, True),
    ("example.org", Passed("mail.example.org", []), RELAXED, True),
    ("example.org", Passed("mail.example.org", []), STRICT, False),
    ("news.example.org", Passed("", ["mail.example.org"]), None, True),
    ("news.example.org", Passed("", ["mail.example.org"]), STRICT, False),
    ("example.org", Passed("example.net", ["example.com", "notexample.org"]), None, False),
    ("example.org", Passed("example.net", ["example.com", "example.org"]), STRICT, True),
    ("example.org", Passed("", []), RELAXED, False),
]


@pytest.mark.parametrize(("author", "passed", "record", "outcome"), ALIGNMENT)
def test_a_proven_domain_is_the_authors_or_a_relative(
    author: str, passed: Passed, record: Record | None, outcome: bool
) -> None:
    assert aligned(author, passed, record, organisational) is outcome


@pytest.mark.parametrize(
    ("subdomain", "exists", "policy"), [(False, True, REJECT), (True, True, QUARANTINE), (True, False, NONE)]
)
def test_a_subdomain_has_its_own_policy_and_one_that_is_not_there_another(
    subdomain: bool, exists: bool, policy: Policy
) -> None:
    record = Record(REJECT, QUARANTINE, nonexistent=NONE)
    assert wanted(record, subdomain=subdomain, exists=exists) is policy


def test_without_np_a_subdomain_that_is_not_there_is_one_like_others() -> None:
    assert wanted(Record(REJECT, QUARANTINE), subdomain=True, exists=False) is QUARANTINE


@pytest.mark.parametrize(
    ("policy", "percent", "draw", "applied"),
    [
        (REJECT, 100, 99, REJECT),
        (REJECT, 10, 9, REJECT),
        (REJECT, 10, 10, QUARANTINE),
        (QUARANTINE, 0, 0, NONE),
        (NONE, 0, 50, NONE),
    ],
)
def test_a_policy_applies_to_as_many_as_it_says(policy: Policy, percent: int, draw: int, applied: Policy) -> None:
    """RFC 7489, 6.6.4: the others get the next milder one."""
    assert sampled(policy, Record(policy, policy, percent=percent), draw) is applied
