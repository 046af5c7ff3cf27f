# SPDX-License-Identifier: GPL-3.0-or-later
"""ENVELOPE as it goes on the wire."""

from __future__ import annotations

import pytest

from protocols.message import scan
from tests.message.reading import mail

ANN = b'((NIL NIL "ann" "lake.example"))'


def envelope(header: bytes) -> bytes:
    return scan(header + b"\r\n\r\nbody\r\n").envelope


def addresses(value: bytes) -> bytes:
    """The address list that a To field gives."""
    return envelope(b"To: " + value).removeprefix(b"(NIL NIL NIL NIL NIL ").removesuffix(b" NIL NIL NIL NIL)")


def test_a_plain_envelope_has_ten_fields_and_the_sender_is_the_author() -> None:
    assert scan(mail("plain")).envelope == (
        b'("Tue, 3 Mar 2026 09:05:00 +0100" "Lunch on Friday" (("Ann Lee" NIL "ann" "lake.example"))'
        b' (("Ann Lee" NIL "ann" "lake.example")) (("Ann Lee" NIL "ann" "lake.example"))'
        b' (("Bo Chan" NIL "bo" "hill.example")) NIL NIL NIL "<plain@lake.example>")'
    )


def test_the_example_of_rfc_9051() -> None:
    """RFC 9051, 7.5.2, from the header of RFC 9051, 8."""
    assert envelope(
        b"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\nFrom: Terry Gray <gray@cac.washington.edu>\r\n"
        b"Subject: IMAP4rev2 WG mtg summary and minutes\r\nTo: imap@cac.washington.edu\r\n"
        b"cc: minutes@CNRI.Reston.VA.US,\r\n   John Klensin <KLENSIN@MIT.EDU>\r\n"
        b"Message-Id: <B27397-0100000@cac.washington.ed>\r\nMIME-Version: 1.0"
    ) == (
        b'("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes"'
        b' (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu"))'
        b' (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu"))'
        b' ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL'
        b' "<B27397-0100000@cac.washington.ed>")'
    )


def test_without_any_field_all_is_nil() -> None:
    assert scan(b"").envelope == b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"


def test_empty_fields_are_empty_strings_and_empty_lists_are_nil() -> None:
    """RFC 9051, 7.5.2; Sender and Reply-To fall back to From."""
    assert scan(mail("empty_fields")).envelope == b'("" "" %b %b %b NIL NIL NIL "" "")' % (ANN, ANN, ANN)


def test_folded_fields_come_on_one_line() -> None:
    assert scan(mail("folded")).envelope == (
        b'(NIL "A subject that goes on and on" %b %b %b'
        b' ((NIL NIL "bo" "hill.example")(NIL NIL "cy" "sea.example")) NIL NIL NIL NIL)' % (ANN, ANN, ANN)
    )


def test_groups_begin_with_their_name_and_end_with_nothing() -> None:
    assert scan(mail("groups")).envelope == (
        b'(NIL NIL (("Pete" NIL "pete" "silly.example")) (("Pete" NIL "pete" "silly.example"))'
        b' (("Pete" NIL "pete" "silly.example"))'
        b' ((NIL NIL "Friends" NIL)("Chris" NIL "c" "a.example")(NIL NIL "joe" "where.example")(NIL NIL NIL NIL)'
        b'(NIL NIL "last" "hill.example"))'
        b' ((NIL NIL "Undisclosed recipients" NIL)(NIL NIL NIL NIL))'
        b' ((NIL NIL "Unended" NIL)(NIL NIL "x" "y.example")(NIL NIL NIL NIL)) NIL NIL)'
    )


def test_header_text_in_eight_bits_goes_as_literals() -> None:
    jörg = '(({11}\r\nJörg Groß NIL "joerg" {15}\r\nmüller.example))'.encode()
    assert scan(mail("headers_8bit")).envelope == (
        b'("Thu, 5 Mar 2026 12:00:00 GMT" %b %b %b %b %b NIL NIL NIL NIL)'
        % ("{17}\r\nGrüße aus Köln".encode(), jörg, jörg, jörg, '(({4}\r\nZoë NIL "zoe" "hill.example"))'.encode())
    )


def test_encoded_words_stay_as_they_are() -> None:
    assert b'"=?UTF-8?B?5Lya6K2w44Gu?= =?UTF-8?B?44GK55+l44KJ44Gb?="' in scan(mail("japanese_utf8")).envelope


def test_two_from_fields_count_as_one_list_and_the_first_subject_counts() -> None:
    both = b'((NIL NIL "first" "lake.example")("Second" NIL "second" "lake.example"))'
    assert scan(mail("from_twice")).envelope == b'(NIL "one" %b %b %b NIL NIL NIL NIL NIL)' % (both, both, both)


def test_nul_is_dropped_and_a_bare_return_needs_a_literal() -> None:
    assert b' "nulhere" ' in scan(mail("nul_octets")).envelope
    assert b" {11}\r\nbare\rreturn " in scan(mail("bare_cr")).envelope


def test_quotes_and_backslashes_are_escaped() -> None:
    assert envelope(rb'Subject: a "b" \c') == rb'(NIL "a \"b\" \\c" NIL NIL NIL NIL NIL NIL NIL NIL)'


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (b"ann@lake.example", ANN),
        (b"<ann@lake.example>", ANN),
        (b'"Giant; \\"Big\\" Box" <x@y.example>', rb'(("Giant; \"Big\" Box" NIL "x" "y.example"))'),
        (b"Joe Q. Public <joe@a.example>", b'(("Joe Q. Public" NIL "joe" "a.example"))'),
        (b'Ann "the boss" Lee <ann@lake.example>', b'(("Ann the boss Lee" NIL "ann" "lake.example"))'),
        (b"ann(work)@lake.example (Ann (the boss))", b'(("Ann (the boss)" NIL "ann" "lake.example"))'),
        (b"ann@lake.example (Ann \\) Lee)", b'(("Ann ) Lee" NIL "ann" "lake.example"))'),
        (b"<@one.example,@two.example:ann@lake.example>", ANN),
        (b'"john doe"@a.example', b'((NIL NIL "john doe" "a.example"))'),
        (b"ann @ lake  . example", ANN),
        (b"user@[192.0.2.1]", b'((NIL NIL "user" "[192.0.2.1]"))'),
        (b", ,ann@lake.example,,", ANN),
        (b"<a@b@c.example>", b'((NIL NIL "a@b" "c.example"))'),
        (b"=?utf-8?Q?Lee,_Ann?= <a@b.example>", b'(("=?utf-8?Q?Lee,_Ann?=" NIL "a" "b.example"))'),
        (b"Ann Lee ann@lake.example", b'(("Ann Lee" NIL "ann" "lake.example"))'),
        (b"ann", b'((NIL NIL "ann" "MISSING_DOMAIN"))'),
        (b"Ann Lee", b'(("Ann Lee" NIL "MISSING_MAILBOX" "MISSING_DOMAIN"))'),
        (b"Ann <>", b'(("Ann" NIL "MISSING_MAILBOX" "MISSING_DOMAIN"))'),
        (b"@lake.example", b'((NIL NIL "MISSING_MAILBOX" "lake.example"))'),
        (b"ann@", b'((NIL NIL "ann" "MISSING_DOMAIN"))'),
        (b"Ann <ann@lake.example", b'(("Ann" NIL "ann" "lake.example"))'),
        (b"Ann > Lee <ann@lake.example>", b'(("Ann > Lee" NIL "ann" "lake.example"))'),
        (b'"never closed <ann@lake.example>', b'((NIL NIL "never closed <ann@lake.example>" "MISSING_DOMAIN"))'),
        (b"(only a comment)", b"NIL"),
        (b">", b"NIL"),
        (b'""', b"NIL"),
        (b"a:;", b'((NIL NIL "a" NIL)(NIL NIL NIL NIL))'),
        (b"a: b:;", b'((NIL NIL "a" NIL)(NIL NIL NIL NIL)(NIL NIL "b" NIL)(NIL NIL NIL NIL))'),
        (b"a@b.example; c@d.example", b'((NIL NIL "a" "b.example")(NIL NIL "c" "d.example"))'),
    ],
)
def test_addresses_right_and_wrong(field: bytes, expected: bytes) -> None:
    assert addresses(field) == expected
