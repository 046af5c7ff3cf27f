# SPDX-License-Identifier: GPL-3.0-or-later
"""The kept header lines and the picking of fields (RFC 9051, 6.4.5.1)."""

from __future__ import annotations

import pytest

from protocols.message import LISTED, scan, select_fields
from protocols.message.header import fields
from tests.message.reading import mail

HEADER = (
    b"Received: from a\r\n\tby b\r\nTO: bo@hill.example\r\nSubject : spaced\r\nno field\r\n"
    b"to:  cy@sea.example\r\nX-Empty:\r\n\r\n"
)


def test_each_field_has_its_name_and_all_its_octets() -> None:
    assert fields(HEADER) == [
        (b"received", b"Received: from a\r\n\tby b\r\n"),
        (b"to", b"TO: bo@hill.example\r\n"),
        (b"subject", b"Subject : spaced\r\n"),
        (b"", b"no field\r\n"),
        (b"to", b"to:  cy@sea.example\r\n"),
        (b"x-empty", b"X-Empty:\r\n"),
    ]
    assert fields(b"\n: a\n b\nc d: e") == [(b"", b": a\n b\n"), (b"", b"c d: e")]


def test_fields_come_in_the_order_of_the_message_octet_for_octet() -> None:
    assert select_fields(HEADER, [b"subject", b"To"]) == (
        b"TO: bo@hill.example\r\nSubject : spaced\r\nto:  cy@sea.example\r\n\r\n"
    )
    assert select_fields(HEADER, [b"RECEIVED"]) == b"Received: from a\r\n\tby b\r\n\r\n"


def test_without_a_match_there_is_the_empty_line() -> None:
    assert select_fields(HEADER, [b"Cc"]) == b"\r\n"
    assert select_fields(b"", [b"Cc"]) == b"\r\n"


def test_the_other_fields_include_lines_that_are_none() -> None:
    assert select_fields(HEADER, [b"to", b"received", b"subject"], negate=True) == b"no field\r\nX-Empty:\r\n\r\n"


def test_all_but_nothing_is_the_header() -> None:
    assert select_fields(HEADER, [], negate=True) == HEADER


def test_a_name_that_no_field_can_have_selects_nothing() -> None:
    for name in (b"", b"no field", b"Subject :", b"x*"):
        assert select_fields(HEADER, [name]) == b"\r\n"
        assert select_fields(HEADER, [name], negate=True) == HEADER


def test_bare_line_feeds_stay() -> None:
    header = b"To: a\n b\nCc: c\n\n"
    assert select_fields(header, [b"to"]) == b"To: a\n b\n\r\n"
    assert select_fields(header, [b"to"], negate=True) == b"Cc: c\n\r\n"


def test_a_last_line_without_end_gets_one() -> None:
    assert select_fields(b"To: a\r\nSubject: cut", [b"subject"]) == b"Subject: cut\r\n\r\n"


@pytest.mark.parametrize(
    "client",
    [
        "From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type"
        " Reply-To",
        "date subject from to cc message-id in-reply-to references content-type x-priority x-uniform-type-identifier"
        " x-universally-unique-identifier list-id list-unsubscribe bimi-indicator bimi-location"
        " x-bimi-indicator-hash authentication-results dkim-signature",
        "DATE FROM SENDER SUBJECT TO CC MESSAGE-ID REFERENCES CONTENT-TYPE CONTENT-DESCRIPTION IN-REPLY-TO REPLY-TO"
        " LINES LIST-POST LIST-SUBSCRIBE LIST-UNSUBSCRIBE X-LABEL X-ORIGINAL-TO",
        "date subject from content-type to cc reply-to message-id references in-reply-to list-unsubscribe sender"
        " X-K9mail-Identity Chat-Version",
        "DATE FROM TO SUBJECT CONTENT-TYPE CC REPLY-TO LIST-POST DISPOSITION-NOTIFICATION-TO X-PRIORITY",
    ],
    ids=["Thunderbird", "Apple Mail", "mutt", "K-9", "Roundcube"],
)
def test_what_clients_list_messages_by_is_kept(client: str) -> None:
    assert {name.lower().encode() for name in client.split()} <= LISTED


def test_kept_lines_give_what_the_message_would_give() -> None:
    data = mail("folded")
    kept = scan(data).headers
    for names in ([b"Subject", b"References"], [b"to"], [b"From", b"Date"]):
        assert select_fields(kept, names) == select_fields(data.partition(b"\r\n\r\n")[0] + b"\r\n", names)


def test_fields_that_nobody_lists_are_not_kept() -> None:
    assert scan(HEADER).headers == b"TO: bo@hill.example\r\nSubject : spaced\r\nto:  cy@sea.example\r\n"


def test_too_long_lines_are_not_kept_at_all() -> None:
    assert scan(b"Subject: short\r\nTo: " + b"bo@hill.example,\r\n " * 500 + b"cy@sea.example\r\n\r\n").headers == b""


def test_of_a_header_that_is_too_long_to_read_nothing_is_kept() -> None:
    data = b"Subject: short\r\n" + b"X-Filler: and so on\r\n" * 20_000 + b"To: bo@hill.example\r\n\r\n"
    assert scan(data).headers == b""
    assert select_fields(data, [b"to"]) == b"To: bo@hill.example\r\n\r\n"
