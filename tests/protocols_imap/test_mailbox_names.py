# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailbox names: modified UTF-7, UTF-8, and INBOX."""

from __future__ import annotations

import imapclient.imap_utf7
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.imap.mailbox_names import canonical, decode_name, encode_name


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        (b"", ""),
        (b"Sent", "Sent"),
        (b"A &- B", "A & B"),
        (b"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),  # RFC 3501, 5.1.3
        (b"Entw&APw-rfe", "Entwürfe"),
        (b"&2D3eAA-", "😀"),
    ],
)
def test_modified_utf7_both_ways(wire: bytes, name: str) -> None:
    assert decode_name(wire, utf8=False) == name
    assert encode_name(name, utf8=False) == wire


@pytest.mark.parametrize("wire", [b"A & B", b"&", b"&A-", b"&!-", b"&2D0-", b"&AGE"])
def test_what_is_no_shift_sequence_stands_for_itself(wire: bytes) -> None:
    assert decode_name(wire, utf8=False) == wire.decode()


def test_sloppy_encoders_are_understood() -> None:
    assert decode_name(b"&AGE-", utf8=False) == "a"  # a letter that needed no shift
    assert decode_name(b"&U,A-&Uxc-", utf8=False) == "台北"  # two shifts where one would do
    assert decode_name("Entwürfe".encode(), utf8=False) == "Entwürfe"


def test_under_utf8_an_ampersand_is_an_ampersand() -> None:
    assert decode_name(b"&U,BTFw-", utf8=True) == "&U,BTFw-"
    assert encode_name("A & Ü", utf8=True) == "A & Ü".encode()


def test_octets_that_are_not_utf8_are_refused() -> None:
    for utf8 in (False, True):
        with pytest.raises(UnicodeDecodeError):
            decode_name(b"\xff", utf8=utf8)


def test_inbox_is_one_mailbox_however_it_is_spelled() -> None:
    assert canonical("iNbOx") == "INBOX"
    assert canonical("inbox/Lists") == "INBOX/Lists"
    assert canonical("inboxes") == "inboxes"
    assert canonical("Old/inbox") == "Old/inbox"
    assert canonical("") == ""


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_every_name_comes_back(name: str, utf8: bool) -> None:
    wire = encode_name(name, utf8=utf8)
    assert utf8 or wire.isascii()
    assert decode_name(wire, utf8=utf8) == canonical(name)


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_another_implementation_writes_the_same(name: str) -> None:
    assert encode_name(name, utf8=False) == imapclient.imap_utf7.encode(name)


@settings(max_examples=100)
@given(st.text("&-,+ABCxyz/09 é"))
def test_any_text_decodes_to_a_name_that_is_stable(text: str) -> None:
    name = decode_name(text.encode(), utf8=False)
    assert decode_name(encode_name(name, utf8=False), utf8=False) == name
