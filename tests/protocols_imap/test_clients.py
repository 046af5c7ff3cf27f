# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines as clients in the field write them. Each must be read without a refusal, some are looked at closely."""

# ruff: noqa: E501 (clients write long lines)

from __future__ import annotations

from typing import TypeVar

import pytest

from protocols.imap import commands as c
from protocols.imap import search as keys
from protocols.imap.fetch import BodySection, Section, SectionText, Simple
from protocols.imap.receiver import Continue, Line, Receiver

from .reading import Spools

T = TypeVar("T")

SESSIONS = {
    "Thunderbird": rb"""
        1 capability
        2 authenticate PLAIN AGFsaWNlAHB3
        3 ID ("name" "Thunderbird" "version" "128.5.0esr")
        4 enable CONDSTORE
        5 namespace
        6 list (subscribed) "" "*" return (special-use)
        7 lsub "" "*"
        8 list "" "INBOX"
        9 select "INBOX" (CONDSTORE)
        10 UID fetch 1:* (FLAGS)
        11 getquotaroot "INBOX"
        12 UID fetch 5,7:9 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To List-Unsubscribe)])
        13 UID fetch 9 (UID RFC822.SIZE BODY.PEEK[])
        14 uid store 9 +Flags (\Seen)
        15 UID fetch 9 (UID FLAGS) (CHANGEDSINCE 35)
        16 uid copy 9 "Trash"
        17 uid move 9 "Archives/2026"
        18 UID SEARCH UNDELETED SUBJECT "x"
        19 append "Sent" (\Seen) {5+}
        hello
        20 IDLE
        DONE
        21 status "Drafts" (UIDNEXT MESSAGES UNSEEN RECENT)
        22 create "A &- B"
        23 close
        24 logout
    """,
    "Apple Mail": rb"""
        1.1 CAPABILITY
        2.1 LOGIN "alice@demo.test" "pw"
        3.1 ID ("name" "Mac OS X Mail" "version" "16.0 (3826.300.87.4.3)" "os" "Mac OS X" "os-version" "15.3 (24D60)" "vendor" "Apple Inc.")
        4.1 ENABLE CONDSTORE QRESYNC
        5.1 LIST "" "*" RETURN (SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ))
        6.1 STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)
        7.1 SELECT INBOX (QRESYNC (1 20 1:40 (10,20,30 11,25,40)))
        8.1 UID FETCH 1:40 (FLAGS UID) (CHANGEDSINCE 20 VANISHED)
        9.1 UID SEARCH RETURN (ALL) 1:* NOT DELETED
        10.1 UID FETCH 40 (INTERNALDATE UID RFC822.SIZE FLAGS MODSEQ BODY.PEEK[HEADER.FIELDS (date subject from to cc message-id in-reply-to references content-type x-priority x-uniform-type-identifier x-universally-unique-identifier list-id list-unsubscribe bimi-indicator)])
        11.1 UID FETCH 40 (BODYSTRUCTURE BODY.PEEK[HEADER])
        12.1 UID FETCH 40 BODY.PEEK[1]<0.131072>
        13.1 UID FETCH 40 BODY.PEEK[1.2.MIME]
        14.1 UID STORE 40 +FLAGS.SILENT ($NotJunk NotJunk JunkRecorded \Seen)
        15.1 APPEND Drafts (\Seen \Draft $X-Me-Annot-2) "24-Nov-2026 12:15:05 +0100" {3+}
        abc
        16.1 UID EXPUNGE 40
        17.1 IDLE
        DONE
    """,
    "iOS": rb"""
        1 AUTHENTICATE PLAIN
        AGFsaWNlAHB3
        2 LIST "" "*"
        3 SELECT "INBOX"
        4 UID SEARCH 1:* SINCE 1-Nov-2026 NOT DELETED
        5 UID FETCH 41,40,39 (UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (From To Subject Date)])
        6 UID SEARCH CHARSET UTF-8 OR OR FROM {5+}
        K\xc3\xa4se SUBJECT {5+}
        K\xc3\xa4se TEXT {5+}
        K\xc3\xa4se
        7 NOOP
    """.replace(rb"\xc3\xa4", b"\xc3\xa4"),
    "mbsync": rb"""
        1 CAPABILITY
        2 AUTHENTICATE PLAIN AGFsaWNlAHB3
        3 LIST "" "*"
        4 CREATE "Archive"
        5 SELECT "INBOX"
        6 UID FETCH 1:2147483647 (UID FLAGS BODY.PEEK[HEADER.FIELDS (X-TUID MESSAGE-ID)])
        7 UID FETCH 12 (UID FLAGS INTERNALDATE BODY.PEEK[])
        8 UID STORE 12 -FLAGS.SILENT (\Flagged)
        9 APPEND "Archive" (\Seen) " 1-Nov-2026 23:59:59 +0000" {5+}
        hello
        10 UID STORE 12:13 +FLAGS.SILENT (\Deleted)
        11 CLOSE
        12 LOGOUT
    """,
    "mutt": rb"""
        a0000 CAPABILITY
        a0001 AUTHENTICATE PLAIN AGFsaWNlAHB3
        a0002 ENABLE UTF8=ACCEPT
        a0003 LIST "" ""
        a0004 STATUS "INBOX" (UIDNEXT UIDVALIDITY UNSEEN RECENT MESSAGES)
        a0005 SELECT "INBOX" (CONDSTORE)
        a0006 FETCH 1:9 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM SENDER SUBJECT TO CC MESSAGE-ID REFERENCES CONTENT-TYPE CONTENT-DESCRIPTION IN-REPLY-TO REPLY-TO LINES LIST-POST X-LABEL)])
        a0007 UID FETCH 9 BODY.PEEK[]
        a0008 UID STORE 9 +FLAGS.SILENT (\Seen)
        a0009 UID COPY 9 "=sent"
        a0010 EXPUNGE
        a0011 UID SEARCH BODY "x"
        a0012 IDLE
        DONE
    """,
    "K-9": rb"""
        1 CAPABILITY
        2 AUTHENTICATE PLAIN AGFsaWNlAHB3
        3 ENABLE CONDSTORE
        4 COMPRESS DEFLATE
        5 NAMESPACE
        6 LIST (SUBSCRIBED) "" "*" RETURN (SPECIAL-USE)
        7 SELECT "INBOX"
        8 UID SEARCH 1:25 NOT DELETED
        9 UID FETCH 25,24,23 (UID FLAGS)
        10 UID FETCH 25 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (date subject from content-type to cc reply-to message-id references in-reply-to list-unsubscribe X-K9mail-Identity)])
        11 UID FETCH 25 (UID BODYSTRUCTURE)
        12 UID FETCH 25 (UID BODY.PEEK[]<0.131072>)
        13 UID SEARCH HEADER MESSAGE-ID "<x@y>"
        14 UID STORE 25 +FLAGS.SILENT (\Answered)
        15 UID MOVE 25 "Trash"
        16 IDLE
        DONE
    """,
    "Outlook": rb"""
        8ldz CAPABILITY
        t1x3 LOGIN alice@demo.test pw
        k2p0 ID ("name" "Microsoft Outlook" "version" "16.0")
        z9aa LIST "" "*"
        z9ab LSUB "" "*"
        m0d3 SELECT "INBOX"
        p3a4 UID FETCH 1:* (UID FLAGS RFC822.SIZE INTERNALDATE)
        q1b5 UID FETCH 3 (UID RFC822.SIZE BODY.PEEK[])
        r7c6 FETCH 3 (RFC822.HEADER RFC822.TEXT RFC822)
        s2e8 APPEND "Sent Items" (\SEEN) {3+}
        abc
        t3f9 UID STORE 3 +FLAGS.SILENT (\SEEN)
        u4ga CHECK
        v5hb IDLE
        DONE
    """,
}


def wire(name: str) -> bytes:
    """A session's lines as they are on the wire."""
    return b"".join(line.strip() + b"\r\n" for line in SESSIONS[name].strip().splitlines())


def conversation(name: str) -> list[c.Command]:
    """The commands of a session, read as a server reads it: asking for the lines that are no commands."""
    receiver = Receiver(Spools())
    receiver.feed(wire(name))
    found: list[c.Command] = []
    while (event := receiver.next_event()) is not None:
        match event:
            case c.Idle() | c.Authenticate(initial=None):
                receiver.expect_line()
                found.append(event)
            case Line(data):
                assert data in (b"DONE", b"AGFsaWNlAHB3")
            case _:
                assert isinstance(event, c.Command), event
                assert not isinstance(event, Continue)
                found.append(event)
    return found


def of(kind: type[T], name: str) -> list[T]:
    return [command for command in conversation(name) if isinstance(command, kind)]


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_is_read_without_a_refusal(name: str) -> None:
    tags = [line.strip().split()[0] for line in SESSIONS[name].strip().splitlines()]
    lines_that_are_no_commands = {b"DONE", b"hello", b"abc", b"AGFsaWNlAHB3", "Käse".encode()}
    expected = [tag.decode() for tag in tags if tag not in lines_that_are_no_commands]
    assert [command.tag for command in conversation(name)] == expected


def test_thunderbird_asks_for_headers() -> None:
    asked = next(fetch for fetch in of(c.Fetch, "Thunderbird") if fetch.tag == "12")
    assert asked.uid
    assert asked.items[:3] == (Simple.UID, Simple.RFC822_SIZE, Simple.FLAGS)
    section = asked.items[3]
    assert isinstance(section, BodySection)
    assert section.peek
    assert section.section.text is SectionText.HEADER_FIELDS
    assert section.section.fields[-1] == "List-Unsubscribe"


def test_apple_mail_resynchronises() -> None:
    (select,) = of(c.Select, "Apple Mail")
    assert select.qresync is not None
    assert (select.qresync.uidvalidity, select.qresync.modseq) == (1, 20)
    assert select.qresync.match_uids is not None
    assert select.qresync.match_uids.ranges == ((11, 11), (25, 25), (40, 40))


def test_ios_searches_with_literals() -> None:
    search = of(c.Search, "iOS")[1]
    text = "Käse"
    either = keys.OrKeys((keys.Text("FROM", text), keys.Text("SUBJECT", text)))
    assert search.key == keys.OrKeys((either, keys.Text("TEXT", text)))


def test_outlook_fetches_as_in_1996() -> None:
    last = of(c.Fetch, "Outlook")[-1]
    assert last.items == (Simple.RFC822_HEADER, Simple.RFC822_TEXT, Simple.RFC822)


def test_k9_fetches_the_beginning_of_a_message() -> None:
    assert of(c.Fetch, "K-9")[-1].items == (Simple.UID, BodySection(Section(), peek=True, partial=(0, 131072)))
