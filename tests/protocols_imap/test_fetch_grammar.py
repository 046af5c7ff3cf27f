# SPDX-License-Identifier: GPL-3.0-or-later
"""FETCH: items, sections, macros and modifiers."""

from __future__ import annotations

import pytest

from protocols.imap.commands import Fetch
from protocols.imap.fetch import Binary, BinarySize, BodySection, FetchItem, Section, SectionText, Simple

from .reading import command, events, refusal


def fetched(line: bytes) -> Fetch:
    found = command(line)
    assert isinstance(found, Fetch)
    return found


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        *[(simple.value.encode(), simple) for simple in Simple],
        (b"BODY[]", BodySection(Section())),
        (b"body.peek[]<0.2048>", BodySection(Section(), peek=True, partial=(0, 2048))),
        (b"BODY[1.2]", BodySection(Section("1.2"))),
        (b"BODY[HEADER]", BodySection(Section("", SectionText.HEADER))),
        (b"BODY[TEXT]<5.1>", BodySection(Section("", SectionText.TEXT), partial=(5, 1))),
        (b"BODY[1.2.MIME]", BodySection(Section("1.2", SectionText.MIME))),
        (b"BODY[2.HEADER]", BodySection(Section("2", SectionText.HEADER))),
        (
            b'BODY.PEEK[header.fields (Subject "To" subject)]',
            BodySection(Section("", SectionText.HEADER_FIELDS, ("Subject", "To", "subject")), peek=True),
        ),
        (b"BODY[3.HEADER.FIELDS.NOT (X)]", BodySection(Section("3", SectionText.HEADER_FIELDS_NOT, ("X",)))),
        (b"BINARY[]", Binary("")),
        (b"BINARY.PEEK[1]<0.4>", Binary("1", peek=True, partial=(0, 4))),
        (b"BINARY.SIZE[4.1]", BinarySize("4.1")),
    ],
)
def test_an_item_is_understood_alone_and_in_a_list(item: bytes, expected: FetchItem) -> None:
    assert fetched(b"FETCH 1 " + item).items == (expected,)
    assert fetched(b"FETCH 1 (UID " + item + b" FLAGS)").items == (Simple.UID, expected, Simple.FLAGS)


def test_a_header_field_name_may_come_as_a_literal() -> None:
    (found,) = events(b"a FETCH 1 BODY[HEADER.FIELDS (To {4+}\r\nDate)]<0.9>\r\n")
    assert isinstance(found, Fetch)
    assert found.items == (BodySection(Section("", SectionText.HEADER_FIELDS, ("To", "Date")), partial=(0, 9)),)


def test_macros_are_spelled_out() -> None:
    fast = (Simple.FLAGS, Simple.INTERNALDATE, Simple.RFC822_SIZE)
    assert fetched(b"FETCH 1 fast").items == fast
    assert fetched(b"FETCH 1 ALL").items == (*fast, Simple.ENVELOPE)
    assert fetched(b"FETCH 1 FULL").items == (*fast, Simple.ENVELOPE, Simple.BODY)


def test_uid_fetch_says_so_and_adds_no_item() -> None:
    found = fetched(b"UID FETCH 1 (FLAGS) (VANISHED CHANGEDSINCE 12345)")
    assert (found.uid, found.items, found.changed_since, found.vanished) == (True, (Simple.FLAGS,), 12345, True)
    assert fetched(b"FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775807)").changed_since == 2**63 - 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"FETCH 1", "BAD expected a space at octet 10"),
        (b"FETCH 1 ()", "BAD expected a fetch item at octet 12"),
        (b"FETCH 1 (ALL)", "BAD expected a fetch item at octet 12"),
        (b"FETCH 1 XYZZY", "BAD expected a fetch item or macro at octet 11"),
        (b"FETCH 1 FLAGS UID", "BAD expected '(' at octet 17"),
        (b"FETCH 1 (FLAGS", "BAD expected ')' at octet 17"),
        (b"FETCH 1 UID[]", "BAD expected the end of the command at octet 14"),
        (b"FETCH 1 BODY.PEEK", "BAD expected '[' at octet 20"),
        (b"FETCH 1 BODY[MIME]", "BAD expected HEADER or HEADER.FIELDS or HEADER.FIELDS.NOT or TEXT at octet 16"),
        (b"FETCH 1 BODY[0]", "BAD expected HEADER or HEADER.FIELDS or HEADER.FIELDS.NOT or TEXT at octet 16"),
        (b"FETCH 1 BODY[1.]", "BAD expected HEADER or HEADER.FIELDS or HEADER.FIELDS.NOT or TEXT or MIME at octet 18"),
        (b"FETCH 1 BODY[HEADER.FIELDS ()]", "BAD expected a header field name at octet 31"),
        (b"FETCH 1 BODY[]<0.0>", "BAD expected a length of 1 to 9223372036854775807 at octet 20"),
        (b"FETCH 1 BODY[]<0>", "BAD expected '.' at octet 19"),
        (b"FETCH 1 BINARY[HEADER]", "BAD expected ']' at octet 18"),
        (
            b"FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775808)",
            "BAD expected a mod-sequence of 0 to 9223372036854775807 at octet 31",
        ),
        (b"FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)", "BAD VANISHED is for UID FETCH with CHANGEDSINCE"),
        (b"UID FETCH 1 FLAGS (VANISHED)", "BAD VANISHED is for UID FETCH with CHANGEDSINCE"),
    ],
)
def test_a_refusal_says_what_was_expected_where(line: bytes, says: str) -> None:
    assert refusal(line) == says
