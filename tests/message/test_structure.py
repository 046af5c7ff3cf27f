# SPDX-License-Identifier: GPL-3.0-or-later
"""BODYSTRUCTURE and BODY as they go on the wire."""

from __future__ import annotations

import pytest

from protocols.message import scan
from tests.message.reading import mail

PLAIN = b'"text" "plain" ("charset" "us-ascii") NIL NIL "7bit"'


def test_a_text_has_octets_and_lines() -> None:
    plain = scan(mail("plain"))
    assert plain.structure == b"(%b 50 6 NIL NIL NIL NIL)" % PLAIN
    assert plain.body == b"(%b 50 6)" % PLAIN


def test_the_parts_of_an_alternative() -> None:
    alternative = scan(mail("alternative"))
    assert alternative.structure == (
        b'(("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" 43 1 NIL NIL NIL NIL)'
        b'("text" "html" ("charset" "utf-8") NIL NIL "7bit" 134 0 NIL NIL NIL NIL)'
        b' "alternative" ("boundary" "fork") NIL NIL NIL)'
    )
    assert alternative.body == (
        b'(("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" 43 1)'
        b'("text" "html" ("charset" "utf-8") NIL NIL "7bit" 134 0) "alternative")'
    )


def test_an_attachment_with_everything_a_part_can_say() -> None:
    assert scan(mail("mixed_attachment")).structure == (
        b"(((%b 14 0 NIL NIL NIL NIL)"
        b'("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 21 0 NIL NIL NIL NIL)'
        b' "alternative" ("boundary" "inner") NIL NIL NIL)'
        b'("application" "pdf" ("name" "plan.pdf") "<plan@lake.example>" "The plan of the harbour" "base64" 16'
        b' "Q2hlY2sgSW50ZWdyaXR5IQ==" ("attachment" ("filename" "plan.pdf" "size" "12")) ("en" "de")'
        b' "plans/harbour.pdf") "mixed" ("boundary" "outer") NIL NIL NIL)' % PLAIN
    )


def test_a_message_inside_has_envelope_structure_and_lines() -> None:
    shop = b'(("Shop" NIL "shop" "mart.example"))'
    assert scan(mail("nested_rfc822")).structure == (
        b'((%b 16 0 NIL NIL NIL NIL)("message" "rfc822" NIL NIL NIL "7bit" 330'
        b' ("Mon, 2 Mar 2026 08:00:00 +0000" "The bill" %b %b %b ((NIL NIL "ann" "lake.example")) NIL NIL NIL NIL)'
        b' ((%b 14 0 NIL NIL NIL NIL)("image" "gif" NIL NIL NIL "base64" 20 NIL NIL NIL NIL)'
        b' "mixed" ("boundary" "bill") NIL NIL NIL) 16 NIL ("inline" NIL) NIL NIL)'
        b' "mixed" ("boundary" "fwd") NIL NIL NIL)' % (PLAIN, shop, shop, shop, PLAIN)
    )


def test_in_a_digest_a_part_is_a_message_unless_it_says_otherwise() -> None:
    cy = b'((NIL NIL "cy" "sea.example"))'
    assert scan(mail("digest")).body == (
        b'(("message" "rfc822" NIL NIL NIL "7bit" 44 (NIL "One" %b %b %b NIL NIL NIL NIL NIL) (%b 6 0) 3)'
        b'(%b 14 0) "digest")' % (cy, cy, cy, PLAIN, PLAIN)
    )


def test_parameters_keep_their_spelling_and_their_pieces() -> None:
    assert scan(mail("parameters_rfc2231")).structure == (
        b'("application" "octet-stream" ("name*0*" "utf-8\'\'%C3%9Cber" "name*1*" "sicht.txt") NIL NIL "7bit" 6'
        b' NIL ("attachment" ("filename*" "iso-8859-1\'de\'%DCbersicht.txt" "filename" "a \\"b\\".txt")) NIL NIL)'
    )
    assert scan(mail("parameters_odd")).structure == (
        b'("Text" "PLAIN" ("Charset" "UTF-8" "name" "my file.txt" "format" "flowed") NIL NIL "7bit" 5 1'
        b' NIL ("ATTACHMENT" ("filename" {10}\r\nna\xc3\xafve.txt)) NIL NIL)'
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("boundary_missing", b"(%b 19 4)" % PLAIN),
        ("boundary_never_used", b'((%b 0 0) "mixed")' % PLAIN),
        ("type_broken", b'("text" "plain" ("charset" "us-ascii") NIL NIL "quoted-printable" 9 1)'),
        ("encoding_unknown", b'("text" "plain" ("charset" "utf-8") NIL NIL "x-moon" 10 1)'),
        ("missing_body", b"(%b 0 0)" % PLAIN),
        ("missing_header", b"(%b 14 1)" % PLAIN),
        ("no_line_end", b"(%b 0 0)" % PLAIN),
        ("empty", b"(%b 0 0)" % PLAIN),
        ("bare_cr", b"(%b 11 1)" % PLAIN),
        ("nul_octets", b"(%b 7 1)" % PLAIN),
    ],
)
def test_what_cannot_be_understood_is_plain_text(name: str, expected: bytes) -> None:
    assert scan(mail(name)).body == expected


def test_a_part_without_closing_boundary_ends_with_what_surrounds_it() -> None:
    assert scan(mail("boundary_unclosed")).body == (
        b'(((%b 3 0)("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 10 0) "alternative")'
        b'("text" "x-log" ("charset" "us-ascii") NIL NIL "7bit" 5 1) "mixed")' % PLAIN
    )


def test_a_boundary_that_starts_like_another_is_another() -> None:
    assert scan(mail("boundary_similar")).body == (
        b'(((%b 5 0)("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 11 0) "alternative") "mixed")' % PLAIN
    )


def test_a_boundary_may_come_in_pieces() -> None:
    """RFC 2231, 3."""
    assert scan(mail("boundary_rfc2231")).body == b'((%b 5 0) "mixed")' % PLAIN


@pytest.mark.parametrize(
    "written",
    [
        b"boundary=x",
        b'BOUNDARY="x"',
        b"boundary=x (cut here)",
        b"boundary*=us-ascii'en'%78",
        b"boundary*0*=us-ascii''%78; boundary*1=",
        b'charset=utf-8; boundary="x"; boundary=y',
    ],
)
def test_ways_to_write_a_boundary(written: bytes) -> None:
    data = b"Content-Type: multipart/mixed; %b\r\n\r\n--x\r\n\r\none\r\n--x--\r\n" % written
    assert scan(data).body == b'((%b 3 0) "mixed")' % PLAIN


def test_empty_parts_and_parts_that_are_only_a_header() -> None:
    assert scan(mail("parts_empty")).body == (
        b'((%b 0 0)(%b 0 0)("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 0 0)'
        b'("text" "css" ("charset" "us-ascii") NIL NIL "7bit" 0 0) "mixed")' % (PLAIN, PLAIN)
    )


def test_bare_line_feeds_are_line_ends_too() -> None:
    assert scan(mail("lone_lf")).body == (
        b'((%b 3 0)("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 10 0) "mixed")' % PLAIN
    )


def test_a_message_type_in_base64_is_still_written_as_a_message() -> None:
    """RFC 2046, 5.2.1 forbids it; RFC 9051 has no other way to write the type."""
    assert scan(mail("rfc822_base64")).body == (
        b'("message" "rfc822" NIL NIL NIL "base64" 38 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) (%b 0 0) 1)' % PLAIN
    )


@pytest.mark.parametrize(
    ("field", "encoding"),
    [
        (b"BASE64", b"BASE64"),
        (b"quoted-printable;", b"quoted-printable"),
        (b"8bit (as it is)", b"8bit"),
        (b"x-moon", b"x-moon"),
        (b"text/html", b"7bit"),
        (b"quoted printable", b"7bit"),
        (b"", b"7bit"),
    ],
)
def test_an_encoding_is_one_token_or_none(field: bytes, encoding: bytes) -> None:
    assert scan(b"Content-Transfer-Encoding: %b\r\n\r\nx" % field).body == (
        b'("text" "plain" ("charset" "us-ascii") NIL NIL "%b" 1 0)' % encoding
    )


@pytest.mark.parametrize(
    ("field", "disposition"),
    [
        (b"attachment", b'("attachment" NIL)'),
        (b'Inline; size=3 ; creation-date="today"', b'("Inline" ("size" "3" "creation-date" "today"))'),
        (b"; filename=x", b"NIL"),
        (b"=?utf-8?Q?attachment?=", b"NIL"),
        (b"", b"NIL"),
    ],
)
def test_a_disposition_is_a_token_with_parameters_or_nothing(field: bytes, disposition: bytes) -> None:
    assert scan(b"Content-Disposition: %b\r\n\r\nx" % field).structure == (
        b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL %b NIL NIL)' % disposition
    )
