# SPDX-License-Identifier: GPL-3.0-or-later
"""Part numbers and where sections lie, over the tree that RFC 9051, 6.4.5.1 draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from protocols.message import Part, pack_parts, scan, section, unpack_parts
from tests.message.reading import mail

Find = Callable[[Sequence[Part], str], section.Octets]


def octets(name: str, find: Find, number: str) -> bytes | None:
    """What a section of one of our mails holds."""
    data = mail(name)
    span = find(unpack_parts(scan(data).parts), number)
    return None if span is None else data[slice(*span)]


@pytest.mark.parametrize(
    ("number", "content"),
    [
        ("1", b"one"),
        ("2", b"two"),
        ("3.1", b"three one"),
        ("3.2", b"three two"),
        ("4.1", b"four one"),
        ("4.2.1", b"four two one"),
        ("4.2.2.1", b"four two two one"),
        ("4.2.2.2", b"four two two two"),
        ("5", None),
        ("1.1", None),
        ("3.3", None),
        ("0", None),
    ],
)
def test_parts_are_numbered_as_the_rfc_draws_them(number: str, content: bytes | None) -> None:
    assert octets("rfc9051_sections", section.whole, number) == content


def test_the_whole_message_its_header_and_its_text() -> None:
    data = mail("rfc9051_sections")
    head = octets("rfc9051_sections", section.header, "")
    body = octets("rfc9051_sections", section.text, "")
    assert octets("rfc9051_sections", section.whole, "") == data
    assert head is not None
    assert body is not None
    assert head + body == data
    assert head.endswith(b"boundary=a\r\n\r\n")


def test_the_header_and_the_text_of_a_message_inside() -> None:
    assert octets("rfc9051_sections", section.header, "3") == (
        b"Subject: three\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    )
    text = octets("rfc9051_sections", section.text, "4.2")
    assert text is not None
    assert text.startswith(b"--d\r\n\r\nfour two one\r\n--d\r\n")
    assert text.endswith(b"--d--")


def test_only_messages_have_a_header_and_a_text() -> None:
    for number in ("1", "4", "4.2.2", "7"):
        assert octets("rfc9051_sections", section.header, number) is None
        assert octets("rfc9051_sections", section.text, number) is None


def test_the_mime_header_of_a_part_comes_with_its_empty_line() -> None:
    assert octets("rfc9051_sections", section.mime, "4.1") == b"Content-Type: image/gif\r\n\r\n"
    assert octets("rfc9051_sections", section.mime, "3") == b"Content-Type: message/rfc822\r\n\r\n"
    assert octets("rfc9051_sections", section.mime, "1") == b"\r\n"
    assert octets("rfc9051_sections", section.mime, "") is None


def test_a_message_that_is_not_multipart_has_one_part() -> None:
    body = mail("plain").partition(b"\r\n\r\n")[2]
    assert octets("plain", section.whole, "1") == body
    assert octets("plain", section.text, "") == body
    assert octets("plain", section.mime, "1") == octets("plain", section.header, "")
    assert octets("plain", section.whole, "1.1") is None
    assert octets("plain", section.whole, "2") is None


def test_so_has_a_message_inside() -> None:
    assert octets("nested_rfc822_plain", section.whole, "1.1") == b"Just a word."
    assert octets("nested_rfc822_plain", section.text, "1") == b"Just a word."
    assert octets("nested_rfc822_plain", section.header, "1") == b"From: cy@sea.example\r\nSubject: Hello\r\n\r\n"
    assert octets("nested_rfc822_plain", section.mime, "1.1") == b"From: cy@sea.example\r\nSubject: Hello\r\n\r\n"
    assert octets("nested_rfc822_plain", section.whole, "1.1.1") is None


def test_a_message_that_is_nothing_but_a_message() -> None:
    inner = b"From: cy@sea.example\r\nSubject: Inner\r\n\r\n"
    assert octets("rfc822_root", section.whole, "1") == inner + b"Inner text.\r\n"
    assert octets("rfc822_root", section.header, "1") == inner
    assert octets("rfc822_root", section.whole, "1.1") == b"Inner text.\r\n"


def test_a_multipart_without_parts_has_one_that_is_empty() -> None:
    assert octets("boundary_never_used", section.whole, "1") == b""


@pytest.mark.parametrize("name", ["rfc9051_sections", "empty", "parameters_odd", "charset_unknown", "mixed_attachment"])
def test_parts_survive_packing(name: str) -> None:
    packed = scan(mail(name)).parts
    assert pack_parts(unpack_parts(packed)) == packed


def test_a_part_tells_how_to_read_it() -> None:
    parts = unpack_parts(scan(mail("mixed_attachment")).parts)
    found = section.find(parts, "2")
    assert found is not None
    assert (found.kind, found.encoding, found.charset) == ("application/pdf", "base64", "")
    assert [part.number for part in parts] == ["", "1", "1.1", "1.2", "2"]
