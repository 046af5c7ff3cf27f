# SPDX-License-Identifier: GPL-3.0-or-later
"""SEARCH: keys, options and charsets."""

from __future__ import annotations

from datetime import date

import pytest

from protocols.imap import search as keys
from protocols.imap.commands import Search
from protocols.imap.numbers import EVERYTHING, SAVED, NumberSet

from .reading import command, events, refusal

SEEN = keys.Flag("\\Seen")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (b"ALL", keys.AllMessages()),
        (b"seen", SEEN),
        (b"UNSEEN", keys.Flag("\\Seen", set=False)),
        (b"UNDELETED", keys.Flag("\\Deleted", set=False)),
        (b"ANSWERED", keys.Flag("\\Answered")),
        (b"KEYWORD NIL", keys.Flag("NIL")),
        (b"UNKEYWORD $Junk", keys.Flag("$Junk", set=False)),
        (b"NEW", keys.NotKey(keys.AllMessages())),
        (b"RECENT", keys.NotKey(keys.AllMessages())),
        (b"OLD", keys.AllMessages()),
        (b"SUBJECT x", keys.Text("SUBJECT", "x")),
        (b'BODY "two words"', keys.Text("BODY", "two words")),
        (b'HEADER Message-ID ""', keys.Header("Message-ID", "")),
        (b"BEFORE 1-Feb-2026", keys.Day("<", date(2026, 2, 1))),
        (b'SENTSINCE "01-feb-2026"', keys.Day(">=", date(2026, 2, 1), sent=True)),
        (b"ON 28-Feb-2026", keys.Day("=", date(2026, 2, 28))),
        (b"LARGER 9", keys.Size(above=9)),
        (b"SMALLER 4294967296", keys.Size(below=4294967296)),
        (b"OLDER 60", keys.Age(older=60)),
        (b"YOUNGER 60", keys.Age(younger=60)),
        (b"1:*", keys.Numbers(EVERYTHING)),
        (b"$", keys.Numbers(SAVED)),
        (b"UID 2,4", keys.Numbers(NumberSet(((2, 2), (4, 4))), uid=True)),
        (b"MODSEQ 620162338", keys.ModSeqAtLeast(620162338)),
        (rb'MODSEQ "/flags/\\draft" all 620162338', keys.ModSeqAtLeast(620162338)),
        (b"NOT SEEN", keys.NotKey(SEEN)),
        (b"OR SEEN (ALL TO x)", keys.OrKeys((SEEN, keys.AndKeys((keys.AllMessages(), keys.Text("TO", "x")))))),
        (b"((SEEN))", SEEN),
        (b"SEEN SEEN", keys.AndKeys((SEEN, SEEN))),
    ],
)
def test_a_key_is_understood(key: bytes, expected: keys.SearchKey) -> None:
    assert command(b"SEARCH " + key) == Search("a", expected)
    assert command(b"UID SEARCH RETURN () CHARSET UTF-8 " + key) == Search("a", expected, (), "UTF-8", uid=True)


def test_return_options_are_kept_in_order() -> None:
    assert command(b"SEARCH return (save Count) SEEN") == Search("a", SEEN, ("SAVE", "COUNT"))


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-15", "windows-1252", "koi8-r", "iso-2022-jp", "gb18030"])
def test_strings_are_read_in_the_charset_of_the_command(charset: str) -> None:
    word = {"koi8-r": "почта", "iso-2022-jp": "メール", "gb18030": "邮件"}.get(charset, "Käse")
    raw = word.encode(charset)
    wire = b"a SEARCH CHARSET %b SUBJECT {%d+}\r\n%b\r\n" % (charset.encode(), len(raw), raw)
    assert events(wire) == [Search("a", keys.Text("SUBJECT", word), None, charset.upper())]


def test_a_string_without_a_charset_is_utf8() -> None:
    assert command('SEARCH SUBJECT "Käse"'.encode()) == Search("a", keys.Text("SUBJECT", "Käse"))
    assert command('SEARCH CHARSET US-ASCII SUBJECT "Käse"'.encode()) == Search(
        "a", keys.Text("SUBJECT", "Käse"), None, "US-ASCII"
    )


@pytest.mark.parametrize("charset", [b"KLINGON", b"base64", b"unicode_escape", b"iso-8859-12", b'""'])
def test_strings_in_an_unknown_charset_are_no_keys_but_the_command_is_whole(charset: bytes) -> None:
    (event,) = events(b"a SEARCH RETURN (SAVE) CHARSET " + charset + b" SUBJECT {2+}\r\n\xff\xfe\r\n")
    assert event == Search("a", keys.UnknownCharset(), ("SAVE",), charset.decode().upper().strip('"'))
    assert refusal(b"SEARCH CHARSET " + charset + b" XYZZY").startswith("BAD expected a search key")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"SEARCH", "BAD expected a space at octet 9"),
        (b"SEARCH XYZZY", "BAD expected a search key at octet 10"),
        (b"SEARCH ()", "BAD expected a search key at octet 11"),
        (b"SEARCH OR SEEN", "BAD expected a space at octet 17"),
        (b"SEARCH NOT", "BAD expected a space at octet 13"),
        (b"SEARCH RETURN (BIGGEST) ALL", "BAD expected MIN or MAX or ALL or COUNT or SAVE at octet 18"),
        (b"SEARCH RETURN (MIN)", "BAD expected a space at octet 22"),
        (b"SEARCH BEFORE 30-Feb-2026", "BAD expected a date that exists at octet 17"),
        (b"SEARCH BEFORE 2026-02-01", "BAD expected a date such as 1-Feb-2026 at octet 17"),
        (b"SEARCH OLDER 0", "BAD expected a number of 1 to 9223372036854775807 at octet 16"),
        (b"SEARCH SUBJECT \xff", "BAD a search string is not utf-8"),
        (b"SEARCH KEYWORD (x)", "BAD expected a flag at octet 18"),
    ],
)
def test_a_refusal_says_what_was_expected_where(line: bytes, says: str) -> None:
    assert refusal(line) == says


@pytest.mark.parametrize("opening", [b"(", b"NOT ", b"OR SEEN "])
def test_keys_may_not_be_nested_without_end(opening: bytes) -> None:
    assert refusal(b"SEARCH " + opening * 5000 + b"ALL") == "BAD search keys are nested more than 64 deep"
    assert command(b"SEARCH " + b"NOT " * 60 + b"ALL")
