# SPDX-License-Identifier: GPL-3.0-or-later
"""More, less and how many (RFC 5231), with the comparators that go with them (RFC 4790, RFC 5051)."""

from __future__ import annotations

import pytest

from sieve import Envelope, SieveSyntaxError, compile
from tests.sieve.running import holds

RECEIVED = b"""\
Received: one
Received: two
Subject: example
X-Priority: 2 (high)
From: nina@example.com
To: foo@example.com, baz@example.com
Cc: qux@example.com

"""
NEEDS = "relational comparator-i;ascii-numeric"
NUMERIC = ':comparator "i;ascii-numeric"'


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        # RFC 5231, 6
        (f'address :count "ge" {NUMERIC} ["to", "cc"] ["3"]', True),
        (f'anyof (address :count "ge" {NUMERIC} "to" "3", address :count "ge" {NUMERIC} "cc" "3")', False),
        (f'header :count "ge" {NUMERIC} ["received"] ["3"]', False),
        (f'header :count "ge" {NUMERIC} ["received", "subject"] ["3"]', True),
        (f'header :count "ge" {NUMERIC} ["to", "cc"] ["3"]', False),
        # RFC 5231, 7
        (f'header :value "lt" {NUMERIC} ["x-priority"] ["3"]', True),
        (f'address :count "gt" {NUMERIC} ["to"] ["5"]', False),
        ('address :value "gt" :all :comparator "i;ascii-casemap" ["from"] ["M"]', True),
        (f'address :count "eq" {NUMERIC} ["to", "cc"] ["1"]', False),
        # Any pair that is in the relation is enough.
        ('header :value "eq" "received" ["three", "two"]', True),
        ('header :value "ne" "subject" ["example", "other"]', True),
        ('header :value "ne" "subject" "EXAMPLE"', False),
        ('header :value "gt" "x-nothing" ""', False),
        (f'header :count "eq" {NUMERIC} "x-nothing" "0"', True),
        ('header :value "GE" "subject" "example"', True),
    ],
)
def test_relations_and_counts(test: str, expected: bool) -> None:
    assert holds(test, RECEIVED, NEEDS) is expected


@pytest.mark.parametrize(("sender", "count"), [(None, "0"), ("tim@example.com", "1")])
def test_the_null_sender_is_no_address(sender: str | None, count: str) -> None:
    test = f'envelope :count "eq" {NUMERIC} "from" "{count}"'
    assert holds(test, RECEIVED, f"envelope {NEEDS}", envelope=Envelope(sender))


@pytest.mark.parametrize(
    ("value", "relation", "key"),
    [
        ("2", "eq", "0002"),
        ("2 apples", "lt", "10 pears"),
        ("10", "gt", "9"),
        ("0", "eq", "000"),
        # RFC 4790, 9.1.1: what begins with no digit is infinite.
        ("a", "gt", "99999999999999999999"),
        ("a", "eq", "-1"),
        ("", "eq", "b"),
        ("0", "lt", ""),
        ("1" * 5000, "gt", "9" * 4999),
        ("\u0663", "eq", "x"),
    ],
)
def test_numbers(value: str, relation: str, key: str) -> None:
    message = f"X: {value}\n\n".encode()
    assert holds(f'header :value "{relation}" {NUMERIC} "x" "{key}"', message, NEEDS)


@pytest.mark.parametrize(
    ("value", "key"),
    [("ÜBER", "über"), ("Ελλάδα", "ΕΛΛΆΔΑ"), ("é", "e\u0301"), ("ǆ", "ǅ")],
)
def test_letters_of_all_scripts(value: str, key: str) -> None:
    message, require = f"X: {value}\n\n".encode(), "comparator-i;unicode-casemap"
    assert holds(f'header :comparator "i;unicode-casemap" :is "x" "{key}"', message, require)
    assert not holds(f'header :is "x" "{key}"', message, require)


def test_parts_of_letters_of_all_scripts() -> None:
    message, require = "X: viele Grüße\n\n".encode(), "comparator-i;unicode-casemap"
    assert holds('header :comparator "i;unicode-casemap" :contains "x" "GRÜ"', message, require)
    assert holds('header :comparator "i;unicode-casemap" :matches "x" "*GRÜß?"', message, require)


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ('header :value "more" "x" "1"', "'more' is no relation"),
        ('header :count "${x}" "x" "1"', "has no variables"),
        (f'header :contains {NUMERIC} "x" "1"', "i;ascii-numeric cannot do :contains"),
        ('header :value "gt" :is "x" "1"', ":is cannot stand beside :value"),
        ('header :comparator "i;none" "x" "1"', "there is no comparator 'i;none'"),
        ('header :comparator "i;unicode-casemap" "x" "1"', 'require "comparator-i;unicode-casemap"'),
    ],
)
def test_what_cannot_be_compared_is_told(test: str, message: str) -> None:
    with pytest.raises(SieveSyntaxError, match=message):
        compile(f'require ["relational", "comparator-i;ascii-numeric", "variables"]; if {test} {{ keep; }}')
