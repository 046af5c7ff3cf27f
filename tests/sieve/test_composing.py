# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of our own are read by everybody else as they were meant."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sieve.composing import (
    Mailbox,
    folded,
    mailbox_list,
    message,
    mime,
    multipart,
    people,
    plain,
    readable,
    unstructured,
)
from sieve.mailto import MailtoError, parse

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=80)


@settings(max_examples=100)
@given(TEXTS)
def test_a_field_is_read_as_it_was_meant(text: str) -> None:
    field = unstructured("Subject", text)
    assert all(len(line) <= 76 for line in field.split("\r\n")) or field.isascii()
    assert field.isascii()
    (line,) = message_from_bytes(field.encode() + b"\r\n\r\n").items()
    assert line[0] == "Subject"
    if "=?" not in text:
        assert str(make_header(decode_header(line[1].replace("\r\n", "")))).strip() == readable(text)


@settings(max_examples=100)
@given(st.lists(NAMES, min_size=1, max_size=3))
def test_people_are_read_as_they_were_meant(names: list[str]) -> None:
    field = people("From", [Mailbox(name, "a@x.org") for name in names])
    read = getaddresses([field.removeprefix("From: ").replace("\r\n", "")])
    assert [address for _, address in read] == ["a@x.org"] * len(names)
    if not any("=?" in name for name in names):
        assert [str(make_header(decode_header(name))) for name, _ in read] == names


@settings(max_examples=100)
@given(TEXTS)
def test_a_text_is_read_as_it_was_meant(text: str) -> None:
    entity = plain(text)
    octets = message([], entity, NOW, "x.org")
    read = message_from_bytes(octets)
    lines = [*text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n"), ""]
    payload = read.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode() == "\r\n".join(lines)
    assert octets.isascii()
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))


def test_long_lines_are_encoded() -> None:
    entity = plain("x" * 999)
    assert "Content-Transfer-Encoding: quoted-printable" in entity.fields
    assert max(map(len, entity.body.split(b"\r\n"))) <= 76


def test_octets_that_are_no_text_are_replaced() -> None:
    assert readable("a\udcffb") == "a\N{REPLACEMENT CHARACTER}b"
    assert plain("\udcff").body == b"=EF=BF=BD\r\n"


def test_a_line_is_folded_at_spaces_and_nowhere_else() -> None:
    line = f"References: {' '.join(f'<{number:030}@x.org>' for number in range(5))} <{'x' * 100}@x.org>"
    lines = folded(line).split("\r\n")
    assert "".join(lines) == line
    assert [len(one) > 76 for one in lines] == [False] * 5 + [True]


def test_the_same_message_has_the_same_identifier_and_another_one_another() -> None:
    def identifier(*header: str) -> str:
        return str(message_from_bytes(message(header, plain("x"), NOW, "x.org"))["message-id"])

    assert identifier("A: 1") == identifier("A: 1")
    assert identifier("A: 1") != identifier("A: 2")
    assert identifier().endswith("@x.org>")


def test_a_multipart_has_no_boundary_in_its_parts() -> None:
    one = multipart("mixed", [plain("a")])
    other = multipart("mixed", [one, one])
    read = message_from_bytes(message([], other, NOW, "x.org"))
    assert [part.get_content_type() for part in read.walk()] == ["multipart/mixed"] + [
        "multipart/mixed",
        "text/plain",
    ] * 2


@pytest.mark.parametrize(
    ("text", "fields", "body"),
    [
        ("Content-Type: text/html\n\n<p>", ["Content-Type: text/html"], b"<p>\r\n"),
        ("\n<p>", ["Content-Type: text/plain; charset=utf-8"], b"<p>\r\n"),
        ("X-Other: 1\nContent-Type: text/html\n\nx", ["Content-Type: text/html"], b"x\r\n"),
        (
            "Content-Type: text/html;\n charset=utf-8\n\nü",
            ["Content-Type: text/html;\r\n charset=utf-8", "Content-Transfer-Encoding: 8bit"],
            "ü\r\n".encode(),
        ),
    ],
)
def test_of_a_mime_entity_what_describes_it_counts(text: str, fields: list[str], body: bytes) -> None:
    assert mime(text) == (fields, body)


@settings(max_examples=100)
@given(st.text(st.sampled_from('ab@.,<>"\\ :;()ü\r\n'), max_size=30))
def test_any_text_is_a_list_of_addresses_or_none(text: str) -> None:
    for mailbox in mailbox_list(text):
        assert mailbox_list(people("", [mailbox]).partition(": ")[2])


@settings(max_examples=100)
@given(st.text(st.sampled_from("ab@.,%2c0d?&=:subjecttobody ü"), max_size=40))
def test_any_text_is_a_uri_or_an_error(text: str) -> None:
    with suppress(MailtoError):
        parse(f"mailto:{text}")
