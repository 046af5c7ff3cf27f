# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses as they stand in header fields (RFC 5322, 3.4 and 4.4)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sieve.addresses import addresses, is_address, local_part, outbound
from tests.sieve.running import holds


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a@b.org", ["a@b.org"]),
        ("<a@b.org>", ["a@b.org"]),
        ("John Q. Public <a@b.org>", ["a@b.org"]),
        ('"Public, John" <a@b.org>, c@d.org', ["a@b.org", "c@d.org"]),
        ('"a \\" b" <a@b.org>', ["a@b.org"]),
        ("A<a@b.org>", ["a@b.org"]),
        # RFC 5322, 3.2.2: comments nest, and may stand everywhere.
        ("A (x, <y@z.org> (z)) <a@b.org> (more)", ["a@b.org"]),
        ("a (c) @ (c) b.org", ["a@b.org"]),
        ("a@b.org (a \\) b", ["a@b.org"]),
        # RFC 5322, 3.4: groups.
        ("team: a@b.org, C <c@d.org>;, e@f.org", ["a@b.org", "c@d.org", "e@f.org"]),
        ('"the team": a@b.org; e@f.org', ["a@b.org", "e@f.org"]),
        ("undisclosed-recipients:;", []),
        # RFC 5322, 4.4: routes, and white space around dots.
        ("A <@x.org,@y.org:a@b.org>", ["a@b.org"]),
        ("a . b @ c . org", ["a.b@c.org"]),
        ('"a"."b"@c.org', ["a.b@c.org"]),
        ("a@b.org,,, c@d.org,", ["a@b.org", "c@d.org"]),
        # Quotes that must be there stay.
        ('"a b"@c.org', ['"a b"@c.org']),
        ('"a\\"\\\\b"@c.org', ['"a\\"\\\\b"@c.org']),
        ('"ab"@c.org', ["ab@c.org"]),
        ('"@"@c.org', ['"@"@c.org']),
        ("a..b@c.org", ['"a..b"@c.org']),
        ("a.@c.org", ['"a."@c.org']),
        ("a@[127.0.0.1]", ["a@[127.0.0.1]"]),
        ("zü@bücher.de", ["zü@bücher.de"]),
        # Encoded words are one word each, whatever they hold.
        ("=?utf-8?q?x@y.org,?= <a@b.org>", ["a@b.org"]),
        ("=?utf-8?q?A=2C_x=40y.org?= <a@b.org>", ["a@b.org"]),
        # What is wrong, as far as it can be understood.
        ("A, B <a@b.org>", ["a@b.org"]),
        ("x@y.org <a@b.org>", ["a@b.org"]),
        ("a@b.org c@d.org", ["a@b.org"]),
        ("a@b.org>", ["a@b.org"]),
        ("<a@b.org", []),
        ("<a@b.org c>", []),
        ("a b@c.org", []),
        ("a@@b.org", []),
        ("a@b..org", []),
        ("@b.org", []),
        ("a@", []),
        ("nobody", []),
        ("<>", []),
        ('"unclosed <a@b.org>', []),
        ('a@b.org, "', ["a@b.org"]),
        ("a@b.org, (", ["a@b.org"]),
        ("", []),
    ],
)
def test_addresses_of_a_field(value: str, found: list[str]) -> None:
    assert list(addresses(value)) == found


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("a@b.org", "a"),
        ('"a b"@c.org', "a b"),
        ('"a\\"b"@c.org', 'a"b'),
        ('"@"@c.org', "@"),
        ("postmaster", "postmaster"),
    ],
)
def test_a_local_part_has_no_quotes(address: str, part: str) -> None:
    assert local_part(address) == part


@pytest.mark.parametrize("text", ["a@b.org", '"a b"@c.org', "a@[::1]", "zü@bücher.de"])
def test_what_is_one_address(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text", ["", "a", "a@", "@b", "a b@c.org", "a@b.org, c@d.org", "A <a@b.org>", "a@b.org\r\nx", "a..b@c.org"]
)
def test_what_is_not_one_address(text: str) -> None:
    assert not is_address(text)


def test_encoded_words_are_no_part_of_an_address() -> None:
    # RFC 2047, 6.2: decoded before, this would be from boss@example.org.
    forged = b"From: =?utf-8?q?boss=40example.org=2C?= <mallory@example.net>\r\n\r\n"
    assert not holds('address "from" "boss@example.org"', forged)
    assert holds('address "from" "mallory@example.net"', forged)


def test_what_is_no_address_is_matched_as_a_whole_and_has_no_parts() -> None:
    # RFC 5228, 2.7.4.
    message = b"From: nobody\r\n\r\n"
    assert holds('address "from" "nobody"', message)
    assert not holds('address :localpart :contains "from" ""', message)
    assert not holds('address :domain :contains "from" ""', message)


def test_quotes_are_no_part_of_the_local_part() -> None:
    message = b'From: "a b"@c.org\r\n\r\n'
    assert holds('address :localpart "from" "a b"', message)
    assert holds('address "from" "\\"a b\\"@c.org"', message)


PIECES = st.sampled_from(
    ["a", "@", "b.org", ".", ",", ";", ":", "<", ">", "(", ")", '"', "\\", "[", "]", " ", "=?", "?q?", "?="]
)


# Without control characters, with which an address may be found but not be written to.
@given(
    st.lists(PIECES, max_size=50).map("".join) | st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=100)
)
@settings(max_examples=100)
def test_whatever_stands_there_what_is_found_are_addresses(value: str) -> None:
    for address in addresses(value):
        assert is_address(address)
        assert addresses(address) == (address,)


@pytest.mark.parametrize("piece", ['"', '\\"', "(", "(\\", "<@", "a@b,", "=?a?q?", "[", "a ", ".", ":", "<a", '"a" '])
def test_a_long_field_ends(piece: str) -> None:
    # Each of these takes minutes where the time is not linear.
    assert isinstance(addresses(piece * 50_000), tuple)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tim <tim@example.com>", "tim@example.com"),
        ('"van Dam, T." <"tim"@example.com>', "tim@example.com"),
        ("tim@example.com, tom@example.com", None),
        ("<@relay.example.net:tim@example.com>", None),
        ("all: tim@example.com;", None),
        ("Tim <tim>", None),
    ],
)
def test_scripts_write_to_one_mailbox_with_or_without_a_name(text: str, expected: str | None) -> None:
    # RFC 5228, 2.4.2.3
    assert outbound(text) == expected
