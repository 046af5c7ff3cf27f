# SPDX-License-Identifier: GPL-3.0-or-later
"""Details of addresses (RFC 5233)."""

from __future__ import annotations

import pytest

from sieve import Envelope, Settings
from tests.sieve.running import holds

NEEDS = "envelope subaddress"
KEN = Envelope("list-request@lists.example.org", "ken+mta-filters@example.org")


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('envelope :detail "to" "mta-filters"', True),
        ('envelope :user "to" "ken"', True),
        ('envelope :localpart "to" "ken+mta-filters"', True),
        ('envelope :detail "to" "foo"', False),
        # RFC 5233, 4: without a detail nothing matches, not even "".
        ('envelope :detail "from" ""', False),
        ('envelope :detail :contains "from" ""', False),
        ('envelope :user "from" "list-request"', True),
        ('address :user "to" "roadrunner"', True),
    ],
)
def test_user_and_detail(test: str, expected: bool) -> None:
    assert holds(test, require=NEEDS, envelope=KEN) is expected


@pytest.mark.parametrize(
    ("address", "separator", "user", "detail"),
    [
        ("ken+@example.org", "+", "ken", ""),
        ("ken+a+b@example.org", "+", "ken", "a+b"),
        ("ken-a+b@example.org", "+-", "ken", "a+b"),
        ("ken+a-b@example.org", "+-", "ken", "a-b"),
        ("list--request@example.org", "-", "list", "-request"),
        ("5551212#123@example.com", "#", "5551212", "123"),
    ],
)
def test_separators(address: str, separator: str, user: str, detail: str) -> None:
    envelope, settings = Envelope(None, address), Settings(recipient_delimiter=separator)
    test = f'allof (envelope :user "to" "{user}", envelope :detail "to" "{detail}")'
    assert holds(test, require=NEEDS, envelope=envelope, settings=settings)


@pytest.mark.parametrize("separator", ["", "-"])
def test_addresses_without_the_separator_have_no_detail(separator: str) -> None:
    envelope, settings = Envelope(None, "ken+sieve@example.org"), Settings(recipient_delimiter=separator)
    assert holds('envelope :user "to" "ken+sieve"', require=NEEDS, envelope=envelope, settings=settings)
    assert not holds('envelope :detail :matches "to" "*"', require=NEEDS, envelope=envelope, settings=settings)
