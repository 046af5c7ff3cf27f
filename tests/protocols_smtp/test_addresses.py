# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths and mailboxes (RFC 5321, 4.1.2)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.smtp.addresses import Address, BadAddress, parse_address, parse_path


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("<a@example.org>", Address("a", "example.org")),
        ("<A.b@EXAMPLE.Org>", Address("A.b", "example.org")),
        ('<"a b"@example.org>', Address("a b", "example.org")),
        ('<"a\\"\\\\b"@example.org>', Address('a"\\b', "example.org")),
        ('<"plain"@example.org>', Address("plain", "example.org")),
        ('<"a@b"@example.org>', Address("a@b", "example.org")),
        ("<a%far.test@example.org>", Address("a%far.test", "example.org")),
        ("<far.test!a@example.org>", Address("far.test!a", "example.org")),
        ("<@one.test,@two.test:a@example.org>", Address("a", "example.org")),
        ("<a@[192.0.2.1]>", Address("a", "[192.0.2.1]")),
        ("<a@[ipv6:2001:DB8:0:0::1]>", Address("a", "[IPv6:2001:db8::1]")),
        ("<Postmaster>", Address("Postmaster", "")),
        ("<用户@例子.中国>", Address("用户", "xn--fsqu00a.xn--fiqs8s")),
        ("<dot..dot.@docomo.test>", Address("dot..dot.", "docomo.test")),
        ("<>", None),
    ],
)
def test_a_path_is_read(path: str, address: Address | None) -> None:
    assert parse_path(path + " SIZE=1") == (address, " SIZE=1")


@pytest.mark.parametrize(
    "path",
    [
        "a@example.org",
        "<a@example.org",
        "<a>",
        "<@example.org>",
        "<a@>",
        "<a@example.org@far.test>",
        "<far.test!a>",
        "<a@b@c>",
        "<a b@example.org>",
        "<.a@example.org>",
        "<a@-example.org>",
        "<a@example..org>",
        "<a@[192.0.2.300]>",
        "<a@[IPv6:1]>",
        "<a@[tag:what]>",
        '<"a@example.org>',
        "<a\0@example.org>",
        "<a@" + "x" * 64 + ".test>",
        "<" + "a" * 250 + "@example.org>",
        "< a@example.org>",
        "<@one.test:>",
        "",
    ],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(BadAddress):
        parse_path(path)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
@settings(max_examples=100)
def test_any_local_part_survives_being_written_and_read(local: str) -> None:
    address = Address(local, "example.org")
    assert parse_address(str(address)) == address


@given(st.text(max_size=40))
@settings(max_examples=100)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        address, rest = parse_path(text)
    except BadAddress:
        return
    assert address is None or parse_path(f"<{address}>")[0] == address
    assert text.endswith(rest)
