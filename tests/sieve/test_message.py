# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages as scripts see and edit them (RFC 5322, RFC 2047, RFC 5293)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sieve import Delivery, Message, compile
from sieve.header import decoded, fields, split
from tests.support import SHARED, needs_shared

CORPUS = sorted((SHARED / "corpus" / "eml").glob("*.eml")) if SHARED.exists() else []
SIMPLE = b"From x@y Tue Apr  1\r\nSubject : one\r\nX: 1\r\nX: 2\r\nx: 3\r\nno field\r\n folded\r\n\r\nbody\r\n"


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (b" plain", "plain"),
        (b" folded\r\n\tvalue ", "folded\tvalue"),
        (b" folded\n value", "folded value"),
        ("Grüße".encode(), "Grüße"),
        (b"Gr\xfc\xdfe", "Gr\udcfc\udcdfe"),
        (b"=?utf-8?q?Z=C3=BC?=", "Zü"),
        (b"=?UTF-8*de?B?WsO8?= x", "Zü x"),
        (b"a =?iso-8859-1?q?=FC_b?= c", "a ü b c"),
        # RFC 2047, 6.2: white space between words goes, and so does a fold.
        (b"=?utf-8?q?a?=\r\n  =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?= =?iso-8859-1?q?=FC?=", "aü"),
        (b"=?utf-8?q?Z=C3?= =?utf-8?q?=BC?=", "Zü"),
        (b"=?utf-8?b?WsO8?==?utf-8?q?x?=", "Züx"),
        (b"=?x-nobody-knows?q?a?= =?utf-8?q?b?=", "=?x-nobody-knows?q?a?= b"),
        (b"=?idna?q?xn--a?=", "=?idna?q?xn--a?="),
        (b"=?utf-8?q?=FF?=", "\udcff"),
        (b"=?shift_jis?q?=81?=", "\ufffd"),
        (b"=?us-ascii?q?=FCa?=", "\udcfca"),
        (b"=?utf-8?b?WsO8===?=", "Zü"),
        (b"=?utf-8?q?no end", "=?utf-8?q?no end"),
        (b"=?utf-8?x?no?=", "=?utf-8?x?no?="),
    ],
)
def test_values_are_unfolded_and_decoded(raw: bytes, read: str) -> None:
    assert decoded(raw) == read


def test_every_octet_of_a_header_is_in_a_field_or_between_two() -> None:
    header, rest = split(SIMPLE)
    assert b"".join(field.line() for field in fields(header)) + rest == SIMPLE
    assert [field.name for field in fields(header) if field.name] == ["Subject", "X", "X", "x"]


def test_a_message_without_a_body_has_a_header() -> None:
    assert Message(b"Subject: all of it").headers("subject") == ["all of it"]


def test_a_message_without_a_header_has_none() -> None:
    message = Message(b"\r\nSubject: body\r\n")
    assert (message.headers("subject"), message.fields) == ([], [])


def test_a_new_field_stands_first_and_nothing_else_changes() -> None:
    message = Message(SIMPLE)
    message.add_header("X-New", "value")
    assert message.bytes() == b"X-New: value\r\n" + SIMPLE
    assert message.original == SIMPLE


def test_a_new_field_may_stand_last() -> None:
    message = Message(b"A: 1\r\n\r\nbody")
    message.add_header("B", "2", last=True)
    assert message.bytes() == b"A: 1\r\nB: 2\r\n\r\nbody"


def test_a_field_behind_a_header_without_line_end() -> None:
    message = Message(b"A: 1")
    message.add_header("B", "2", last=True)
    assert message.bytes() == b"A: 1\r\nB: 2\r\n\r\n"


@pytest.mark.parametrize(
    "value", ["Grüße aus Zürich", "word " * 60 + "end", "日本語" * 40, "a  b", "\udcff is no text"]
)
def test_a_new_value_is_ascii_in_short_lines_and_reads_the_same(value: str) -> None:
    message = Message(SIMPLE)
    message.add_header("X-New", value)
    lines = message.bytes()[: -len(SIMPLE)].split(b"\r\n")
    assert all(line.isascii() and len(line) <= 78 for line in lines)
    assert Message(message.bytes()).headers("x-new") == [value.replace("\udcff", "\ufffd")]


def test_a_value_cannot_bring_another_field() -> None:
    message = Message(SIMPLE)
    message.add_header("X-New", "a\r\nBcc: somebody\n\nbody")
    assert message.headers("x-new") == ["a Bcc: somebody body"]
    assert Message(message.bytes()).headers("bcc") == []


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        ({}, []),
        ({"index": 1}, ["2", "3"]),
        ({"index": 3}, ["1", "2"]),
        ({"index": 4}, ["1", "2", "3"]),
        ({"index": 1, "last": True}, ["1", "2"]),
        ({"index": 3, "last": True}, ["2", "3"]),
        ({"index": 4, "last": True}, ["1", "2", "3"]),
        ({"match": "2".__eq__}, ["1", "3"]),
        # RFC 5293, 5: the counting happens before the match.
        ({"index": 1, "match": "2".__eq__}, ["1", "2", "3"]),
    ],
)
def test_fields_are_deleted_by_place_and_value(arguments: dict[str, object], left: list[str]) -> None:
    message = Message(SIMPLE)
    message.delete_header("X", **arguments)  # type: ignore[arg-type]
    assert message.headers("x") == left


def test_adding_and_deleting_leaves_the_message_as_it_was() -> None:
    # RFC 5293, 7.
    message = Message(SIMPLE)
    message.add_header("X-Hello", "World")
    message.delete_header("X-Hello", index=1)
    assert message.bytes() == SIMPLE


def test_a_copy_does_not_see_later_edits() -> None:
    message = Message(SIMPLE)
    before = message.copy()
    message.add_header("X", "0")
    assert (before.headers("x"), message.headers("x")) == (["1", "2", "3"], ["0", "1", "2", "3"])
    assert before.bytes() == SIMPLE


@needs_shared
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_mail_of_the_world_reads_without_error(path: Path) -> None:
    raw = path.read_bytes()
    message = Message(raw)
    header, rest = split(raw)
    assert header + rest == raw
    for field in message.fields:
        for value in message.headers(field.name):
            value.encode("utf-8", "surrogateescape")
    for part in message.parts:
        (part.seen or part.raw).encode("utf-8", "surrogateescape")
        assert 0 <= part.start <= part.body <= part.end <= len(raw)


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_any_octets_are_a_message(raw: bytes) -> None:
    message = Message(raw)
    message.add_header("X-New", "value")
    assert message.headers("x-new")[0] == "value"
    assert message.bytes().startswith(b"X-New: value\r\n")
    assert b"".join([part.raw.encode("utf-8", "surrogateescape") for part in message.parts]) in raw


def test_a_wrong_name_of_a_field_is_a_warning() -> None:
    # RFC 5228, 2.4.2.2: it is in no message, and no error.
    script = compile('if anyof (header :contains "subject:" "", exists "to me") { discard; }')
    assert [problem.message for problem in script.warnings] == [
        "'subject:' is no name of a header field",
        "'to me' is no name of a header field",
    ]
    assert script.run(Delivery(Message(SIMPLE))).implicit_keep
