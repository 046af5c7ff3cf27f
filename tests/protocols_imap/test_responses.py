# SPDX-License-Identifier: GPL-3.0-or-later
"""Responses, octet for octet."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.imap import codes, responses, strings
from protocols.imap.lexer import Lexer, Literal
from protocols.imap.parse.dates import date_time


@pytest.mark.parametrize(
    ("octets", "wire"),
    [
        (b"", b'""'),
        (b"plain text", b'"plain text"'),
        (rb"a\b\"c", rb'"a\\b\\\"c"'),
        (b"two\r\nlines", b"{10}\r\ntwo\r\nlines"),
        ("Käse".encode(), b"{5}\r\nK\xc3\xa4se"),
        (b"\t", b"{1}\r\n\t"),
        (b"x" * 1001, b"{1001}\r\n" + b"x" * 1001),
    ],
)
def test_a_string_is_quoted_where_it_can_be(octets: bytes, wire: bytes) -> None:
    assert strings.string(octets) == wire


@pytest.mark.parametrize(
    ("name", "utf8", "wire"),
    [
        ("INBOX", False, b"INBOX"),
        ("nil", False, b'"nil"'),
        ("", False, b'""'),
        ("two words", False, b'"two words"'),
        ("100%", True, b'"100%"'),
        ("a]b", True, b'"a]b"'),
        ("Entwürfe", False, b"Entw&APw-rfe"),
        ("Entwürfe", True, '"Entwürfe"'.encode()),
        ('"ü"', True, '"\\"ü\\""'.encode()),
        ("ü\r\n", True, b"{4}\r\n\xc3\xbc\r\n"),
        ("ü\r\n", False, b"&APwADQAK-"),
    ],
)
def test_a_mailbox_name_is_written_for_the_client_that_reads_it(name: str, utf8: bool, wire: bytes) -> None:
    assert strings.mailbox_name(name, utf8=utf8) == wire


@settings(max_examples=100)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.booleans())
def test_a_written_mailbox_name_reads_back(name: str, utf8: bool) -> None:
    wire = strings.mailbox_name(name, utf8=utf8)
    octets = name.encode()
    lexer = Lexer(wire.removesuffix(octets) if wire.startswith(b"{") else wire, [Literal(octets)], utf8=utf8)
    assert lexer.mailbox().upper() == name.upper()
    lexer.end()


def test_nstring_and_literals() -> None:
    assert strings.nstring(None) == b"NIL"
    assert strings.nstring(b"NIL") == b'"NIL"'
    assert strings.literal8(b"a\0b") == b"~{3}\r\na\0b"


def test_status_lines() -> None:
    assert responses.status_line("OK", "done", tag="a1") == b"a1 OK done\r\n"
    assert responses.status_line("OK", "done", tag="a1", code="READ-ONLY") == b"a1 OK [READ-ONLY] done\r\n"
    assert responses.status_line("BYE", "see you") == b"* BYE see you\r\n"
    assert responses.continuation() == b"+ ready\r\n"
    assert responses.challenge(b"cj0x") == b"+ cj0x\r\n"


def test_no_text_can_end_its_line_or_pretend_to_be_a_code() -> None:
    assert responses.status_line("NO", "a\r\n* BYE é", tag="a") == b"a NO a?* BYE ?\r\n"
    assert responses.status_line("NO", "[ALERT] x", tag="a") == b"a NO ALERT] x\r\n"
    assert responses.status_line("NO", "", tag="a") == b"a NO -\r\n"


def test_codes() -> None:
    assert codes.append_uid(38505, [3955]) == "APPENDUID 38505 3955"
    assert codes.copy_uid(38505, [304, 319, 320], [3956, 3957, 3958]) == "COPYUID 38505 304,319:320 3956:3958"
    assert codes.modified([7, 9]) == "MODIFIED 7,9"
    assert codes.permanent_flags(["\\Seen", "\\*"]) == "PERMANENTFLAGS (\\Seen \\*)"
    assert codes.capability(["IMAP4rev1", "IDLE"]) == "CAPABILITY IMAP4rev1 IDLE"
    assert (codes.uidvalidity(1), codes.uidnext(2), codes.highest_modseq(3)) == (
        "UIDVALIDITY 1",
        "UIDNEXT 2",
        "HIGHESTMODSEQ 3",
    )


def test_mailbox_data() -> None:
    assert (
        responses.list_line("Sent", ["\\HasNoChildren", "\\Sent"], utf8=False)
        == b'* LIST (\\HasNoChildren \\Sent) "/" Sent\r\n'
    )
    assert (
        responses.list_line("a b", ["\\NonExistent"], utf8=True, child_info=["SUBSCRIBED"], old_name="ü")
        == '* LIST (\\NonExistent) "/" "a b" ("CHILDINFO" ("SUBSCRIBED") "OLDNAME" ("ü"))\r\n'.encode()
    )
    assert responses.lsub_line("a", [], utf8=False) == b'* LSUB () "/" a\r\n'
    assert responses.list_delimiter() == b'* LIST (\\Noselect) "/" ""\r\n'
    assert responses.namespace() == b'* NAMESPACE (("" "/")) NIL NIL\r\n'
    assert (
        responses.status("a b", {"MESSAGES": 3, "APPENDLIMIT": None}, utf8=False)
        == b'* STATUS "a b" (MESSAGES 3 APPENDLIMIT NIL)\r\n'
    )
    assert responses.flags(["\\Seen", "$Junk"]) == b"* FLAGS (\\Seen $Junk)\r\n"


def test_message_data() -> None:
    assert responses.exists(3) == b"* 3 EXISTS\r\n"
    assert responses.recent(0) == b"* 0 RECENT\r\n"
    assert responses.expunge(3) == b"* 3 EXPUNGE\r\n"
    assert responses.vanished([1, 2, 5]) == b"* VANISHED 1:2,5\r\n"
    assert responses.vanished([41], earlier=True) == b"* VANISHED (EARLIER) 41\r\n"
    assert responses.fetch(7, [b"UID 9", b"FLAGS (\\Seen)"]) == b"* 7 FETCH (UID 9 FLAGS (\\Seen))\r\n"


def test_search_results() -> None:
    assert responses.search([]) == b"* SEARCH\r\n"
    assert responses.search([2, 5], 917162500) == b"* SEARCH 2 5 (MODSEQ 917162500)\r\n"
    assert responses.esearch("a1", {}) == b'* ESEARCH (TAG "a1")\r\n'
    assert (
        responses.esearch("a1", {"MIN": 2, "COUNT": 3, "ALL": "2,10:11"}, uid=True)
        == b'* ESEARCH (TAG "a1") UID MIN 2 COUNT 3 ALL 2,10:11\r\n'
    )


def test_server_data() -> None:
    assert responses.capability(["IMAP4rev1", "IDLE"]) == b"* CAPABILITY IMAP4rev1 IDLE\r\n"
    assert responses.enabled([]) == b"* ENABLED\r\n"
    assert responses.enabled(["CONDSTORE"]) == b"* ENABLED CONDSTORE\r\n"
    assert responses.server_id({}) == b"* ID NIL\r\n"
    assert responses.server_id({"name": "ikserver", "version": None}) == b'* ID ("name" "ikserver" "version" NIL)\r\n'
    assert responses.quota("", [("STORAGE", 10, 512)]) == b'* QUOTA "" (STORAGE 10 512)\r\n'
    assert responses.quota_root("INBOX", [""], utf8=False) == b'* QUOTAROOT INBOX ""\r\n'


def test_dates() -> None:
    assert responses.date_time(0) == b'" 1-Jan-1970 00:00:00 +0000"'
    assert responses.date_time(837596665, -7 * 60) == b'"17-Jul-1996 02:44:25 -0700"'
    assert responses.date_time(-1, 5 * 60 + 45) == b'" 1-Jan-1970 05:44:59 +0545"'


@settings(max_examples=100)
@given(st.integers(-(2**31), 2**34), st.integers(-12 * 60, 14 * 60))
def test_a_written_date_reads_back(seconds: int, zone: int) -> None:
    read = date_time(Lexer(responses.date_time(seconds, zone)))
    assert int(read.timestamp()) == seconds
    offset = read.utcoffset()
    assert offset is not None
    assert offset.total_seconds() == zone * 60
