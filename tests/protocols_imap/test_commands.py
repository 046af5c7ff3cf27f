# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of each verb but FETCH, SEARCH and LIST, which have modules of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from protocols.imap import commands as c
from protocols.imap.numbers import EVERYTHING, SAVED, STAR, NumberSet
from protocols.imap.parse.verbs import VERBS

from .reading import command, events, refusal

ONE = NumberSet(((1, 1),))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"CAPABILITY", c.Capability("a")),
        (b"nOoP", c.Noop("a")),
        (b"LOGOUT", c.Logout("a")),
        (b"STARTTLS", c.StartTls("a")),
        (b"NAMESPACE", c.Namespace("a")),
        (b"IDLE", c.Idle("a")),
        (b"CHECK", c.Check("a")),
        (b"CLOSE", c.Close("a")),
        (b"UNSELECT", c.Unselect("a")),
        (b"EXPUNGE", c.Expunge("a")),
        (b"UID EXPUNGE 3:*", c.Expunge("a", NumberSet(((3, STAR),)))),
        (b"ID NIL", c.Id("a", ())),
        (b"ID ()", c.Id("a", ())),
        (b'ID ("name" "mutt" "os" NIL)', c.Id("a", (("name", "mutt"), ("os", None)))),
        (b"AUTHENTICATE plain", c.Authenticate("a", "PLAIN", None)),
        (b"AUTHENTICATE PLAIN AGJvYgB4", c.Authenticate("a", "PLAIN", b"\0bob\0x")),
        (b"AUTHENTICATE EXTERNAL =", c.Authenticate("a", "EXTERNAL", b"")),
        (b"AUTHENTICATE SCRAM-SHA-256", c.Authenticate("a", "SCRAM-SHA-256", None)),
        (b"LOGIN bob@demo.test x]y", c.Login("a", "bob@demo.test", "x]y")),
        (rb'LOGIN "b\"o\\b" ""', c.Login("a", 'b"o\\b', "")),
        ("LOGIN bob pässwörd".encode(), c.Login("a", "bob", "pässwörd")),
        (b"LOGIN nil NIL", c.Login("a", "nil", "NIL")),
        (b"ENABLE imap4rev2 CONDSTORE", c.Enable("a", ("IMAP4REV2", "CONDSTORE"))),
        (b"COMPRESS deflate", c.Compress("a", "DEFLATE")),
        (b'GETQUOTA ""', c.GetQuota("a", "")),
        (b"GETQUOTAROOT inbox", c.GetQuotaRoot("a", "INBOX")),
        (b'SETQUOTA "" (STORAGE 512 MESSAGE 9)', c.SetQuota("a", "", (("STORAGE", 512), ("MESSAGE", 9)))),
        (b'SETQUOTA "" ()', c.SetQuota("a", "", ())),
        (b"CREATE a/b", c.Create("a", "a/b")),
        (rb"CREATE Sent (USE (\Sent \Archive))", c.Create("a", "Sent", ("\\Sent", "\\Archive"))),
        (b"DELETE a", c.Delete("a", "a")),
        (b'RENAME inbox "old mail"', c.Rename("a", "INBOX", "old mail")),
        (b"SUBSCRIBE NIL", c.Subscribe("a", "NIL")),
        (b"UNSUBSCRIBE InBox/x", c.Unsubscribe("a", "INBOX/x")),
        (
            b"STATUS a (messages DELETED-STORAGE APPENDLIMIT)",
            c.Status("a", "a", ("MESSAGES", "DELETED-STORAGE", "APPENDLIMIT")),
        ),
        (b"SELECT inbox", c.Select("a", "INBOX")),
        (b"EXAMINE x (CONDSTORE)", c.Select("a", "x", read_only=True, condstore=True)),
        (b"SELECT x (QRESYNC (7 9))", c.Select("a", "x", qresync=c.QResync(7, 9))),
        (
            b"SELECT x (QRESYNC (7 9 1:5))",
            c.Select("a", "x", qresync=c.QResync(7, 9, NumberSet(((1, 5),)))),
        ),
        (
            b"SELECT x (CONDSTORE QRESYNC (7 9 (1 4)))",
            c.Select("a", "x", False, True, c.QResync(7, 9, None, ONE, NumberSet(((4, 4),)))),
        ),
        (b"COPY 1 b", c.Copy("a", ONE, "b")),
        (b"UID COPY $ b", c.Copy("a", SAVED, "b", uid=True)),
        (b"MOVE 1:* b", c.Move("a", EVERYTHING, "b")),
        (b"uid move 1 b", c.Move("a", ONE, "b", uid=True)),
        (rb"STORE 1 FLAGS (\Seen NIL $Junk)", c.Store("a", ONE, "=", ("\\Seen", "NIL", "$Junk"))),
        (rb"STORE 1 +FLAGS \Seen \Draft", c.Store("a", ONE, "+", ("\\Seen", "\\Draft"))),
        (b"STORE 1 FLAGS ()", c.Store("a", ONE, "=", ())),
        (
            rb"UID STORE 1 (UNCHANGEDSINCE 0) -flags.silent (\Seen)",
            c.Store("a", ONE, "-", ("\\Seen",), silent=True, uid=True, unchanged_since=0),
        ),
    ],
)
def test_a_line_is_understood(line: bytes, expected: c.Command) -> None:
    assert command(line) == expected


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"", "BAD expected a known command after the tag"),
        (b"XYZZY", "BAD expected a known command after the tag"),
        (b"NOOP ", "BAD expected the end of the command at octet 7"),
        (b"NOOP x", "BAD expected the end of the command at octet 7"),
        (b"LOGIN", "BAD expected a space at octet 8"),
        (b"LOGIN  x", "BAD expected a user name at octet 9"),
        (b"LOGIN bob", "BAD expected a space at octet 12"),
        (b'LOGIN "bob x', "BAD expected a user name at octet 9"),
        (rb'LOGIN "b\ob" x', "BAD expected a user name at octet 9"),
        (b"LOGIN bob \xff", "BAD a password is not UTF-8"),
        (b"AUTHENTICATE PLAIN A", "BAD expected whole groups of base64 at octet 23"),
        (b"AUTHENTICATE PLAIN *", "BAD expected an initial response in base64, or '=' at octet 22"),
        (b"SELECT", "BAD expected a space at octet 9"),
        (b"SELECT a b", "BAD expected '(' at octet 12"),
        (b"SELECT \xff", "BAD a mailbox name is not UTF-8"),
        (b"SELECT a (CONDSTROE)", "BAD expected CONDSTORE or QRESYNC at octet 13"),
        (b"SELECT a (QRESYNC (0 1))", "BAD expected a UIDVALIDITY of 1 to 4294967295 at octet 22"),
        (b"SELECT a (QRESYNC (1 1 1:*))", "BAD expected a set without '*' or '$' at octet 26"),
        (b"CREATE a (UES (x))", "BAD expected USE at octet 13"),
        (b"STATUS a ()", "BAD expected a known status item at octet 13"),
        (b"STATUS a (XYZZY)", "BAD expected a known status item at octet 13"),
        (b"COPY 0 a", "BAD expected a set of numbers at octet 8"),
        (b"COPY 1: a", "BAD expected a set of numbers at octet 8"),
        (b"COPY 1,,2 a", "BAD expected a set of numbers at octet 8"),
        (b"COPY 4294967296 a", "BAD expected a set of numbers at octet 8"),
        (b"COPY 1,$ a", "BAD expected a set of numbers at octet 8"),
        (b"UID NOOP", "BAD expected a command that has a UID form at octet 7"),
        (b"UID EXPUNGE", "BAD expected a space at octet 14"),
        (b"STORE 1 FLAG x", "BAD expected FLAGS, +FLAGS or -FLAGS at octet 11"),
        (rb"STORE 1 FLAGS (\*)", "BAD expected a flag at octet 18"),
        (b"STORE 1 (CHANGEDSINCE 1) FLAGS x", "BAD expected UNCHANGEDSINCE at octet 12"),
        (b"APPEND x", "BAD expected a space at octet 11"),
        (b"APPEND x y", "BAD expected a message as literal at octet 12"),
        (b"ENABLE", "BAD expected a space at octet 9"),
        (b'ID ("name")', "BAD expected a space at octet 13"),
        (b'SETQUOTA "" (STORAGE -1)', "BAD expected a limit at octet 24"),
    ],
)
def test_a_refusal_says_what_was_expected_where(line: bytes, says: str) -> None:
    assert refusal(line) == says


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_verb_with_nonsense_behind_it_is_refused(verb: str) -> None:
    assert refusal(verb.encode() + b" )").startswith("BAD expected ")


def test_nearly_every_printable_character_may_stand_in_a_mailbox_name() -> None:
    assert command(b"SELECT !#$&'+,-.0123456789:;<=>?@^_`|[}~") == c.Select("a", "!#$&'+,-.0123456789:;<=>?@^_`|[}~")


def test_a_mailbox_name_is_modified_utf7_until_rev2_is_enabled() -> None:
    line = b"SELECT &U,BTFw-"
    assert command(line) == c.Select("a", "台北")
    assert command(line, utf8=True) == c.Select("a", "&U,BTFw-")


def test_a_mailbox_name_may_be_quoted_utf8() -> None:
    for utf8 in (False, True):
        assert command('SELECT "Entwürfe"'.encode(), utf8=utf8) == c.Select("a", "Entwürfe")


def test_append_takes_flags_and_date_for_each_message() -> None:
    first = c.AppendMessage(
        b"one", ("\\Seen", "NIL"), datetime(1996, 7, 17, 2, 44, 25, tzinfo=timezone(-timedelta(hours=7)))
    )
    second = c.AppendMessage(b"two", (), datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC))
    wire = (
        b'a APPEND "INBOX" (\\Seen NIL) "17-Jul-1996 02:44:25 -0700" {3+}\r\none "\x20'
        b'1-nov-2026 23:59:60 +0000" {3+}\r\ntwo\r\n'
    )
    assert events(wire) == [c.Append("a", "INBOX", (first, second))]


@pytest.mark.parametrize(
    "date",
    [b'"31-Feb-2026 00:00:00 +0000"', b'"01-Feb-2026 24:00:00 +0000"', b'"01-Feb-2026 00:00:00 +9900"', b'"x"', b'""'],
)
def test_a_date_that_does_not_exist_is_refused(date: bytes) -> None:
    assert "expected a date" in refusal(b"APPEND x " + date + b" {0+}\r\n")
