# SPDX-License-Identifier: GPL-3.0-or-later
"""SEARCH, ESEARCH, SEARCHRES, WITHIN."""

from __future__ import annotations

import time

from tests.imap_site import Site
from tests.support import on_loop

MAILS = [
    b"From: Bob <bob@demo.test>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Date: Tue, 01 Feb 1994 10:00:00 +0000\r\n\r\nharbour\r\n",
    b"From: Eve <eve@demo.test>\r\nTo: friends: Ann <ann@demo.test>;\r\nSubject: two\r\n\r\nmountain\r\n",
    b"From: Bob <bob@demo.test>\r\nSubject: three\r\nX-Mine: yes\r\n\r\nharbour and mountain, at length\r\n",
]


@on_loop
async def test_keys(site: Site) -> None:
    await site.file(*MAILS)
    ann = await site.client(mailbox="INBOX")
    await ann.says(r"""
        C: a0 STORE 3 +FLAGS.SILENT (\Answered $Work)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work)
        S: a0 OK ...""")
    for keys, numbers in {
        "ALL": "1 2 3",
        "FROM bob": "1 3",
        "TO ann@demo": "2",
        "SUBJECT TWO": "2",
        'CHARSET UTF-8 SUBJECT "grüße"': "1",
        "BODY HARBOUR": "1 3",
        "TEXT eve": "2",
        "NOT FROM bob": "2",
        "OR SUBJECT two SUBJECT three": "2 3",
        "(FROM bob BODY mountain)": "3",
        'HEADER X-Mine ""': "3",
        "ANSWERED": "3",
        "UNANSWERED UNSEEN": "1 2",
        "KEYWORD $work": "3",
        "1:2 UNDELETED": "1 2",
        "UID 2:*": "2 3",
        "*": "3",
        "LARGER 1000": "",
        "SMALLER 100 FROM eve": "2",
        "SENTBEFORE 2-Feb-1994": "1",
        "SENTON 1-Feb-1994": "1",
        "SINCE 1-Jan-2020": "1 2 3",
        "BEFORE 1-Jan-2020": "",
        "YOUNGER 3600": "1 2 3",
        "OLDER 3600": "",
        "NEW": "",
        "OLD": "1 2 3",
    }.items():
        await ann.says(f"""
            C: s SEARCH {keys}
            S: * SEARCH{" " + numbers if numbers else ""}
            S: s OK SEARCH completed""")


@on_loop
async def test_answers_of_every_form(site: Site) -> None:
    await site.file(*MAILS, *MAILS)
    ann = await site.client(mailbox="INBOX")
    await ann.says(r"""
        C: a1 STORE 1 +FLAGS.SILENT (\Deleted)
        S: a1 OK ...
        C: a2 EXPUNGE
        S: * 1 EXPUNGE
        S: a2 OK EXPUNGE completed
        C: a3 SEARCH FROM bob
        S: * SEARCH 2 3 5
        S: a3 OK SEARCH completed
        C: a4 UID SEARCH FROM bob
        S: * SEARCH 3 4 6
        S: a4 OK SEARCH completed
        C: a5 SEARCH RETURN () FROM bob
        S: * ESEARCH (TAG "a5") ALL 2:3,5
        S: a5 OK SEARCH completed
        C: a6 UID SEARCH RETURN (MIN MAX COUNT ALL) FROM bob
        S: * ESEARCH (TAG "a6") UID MIN 3 MAX 6 COUNT 3 ALL 3:4,6
        S: a6 OK SEARCH completed
        C: a7 SEARCH RETURN (MIN COUNT) FROM nobody
        S: * ESEARCH (TAG "a7") COUNT 0
        S: a7 OK SEARCH completed
        C: a8 SEARCH CHARSET X-UNKNOWN ALL
        S: a8 NO [BADCHARSET (US-ASCII UTF-8)] ...
        C: a9 SEARCH 17
        S: a9 BAD ...
        C: b1 ENABLE IMAP4rev2
        S: ...
        S: b1 OK ...
        C: b2 SEARCH FROM bob
        S: * ESEARCH (TAG "b2") ALL 2:3,5
        S: b2 OK SEARCH completed
    """)


@on_loop
async def test_saved_results(site: Site) -> None:
    """RFC 5182."""
    await site.file(*MAILS, *MAILS)
    ann = await site.client(mailbox="INBOX")
    await ann.says(r"""
        C: a1 SEARCH RETURN (SAVE) FROM bob
        C: a2 FETCH $ (UID)
        S: a1 OK SEARCH completed
        S: * 1 FETCH (UID 1)
        S: * 3 FETCH (UID 3)
        S: * 4 FETCH (UID 4)
        S: * 6 FETCH (UID 6)
        S: a2 OK FETCH completed
        C: a3 UID STORE $ +FLAGS.SILENT (\Seen)
        S: a3 OK STORE completed
        C: a4 SEARCH OR $ 2
        S: * SEARCH 1 2 3 4 6
        S: a4 OK SEARCH completed
        C: a5 UID SEARCH UID $ SMALLER 100
        S: * SEARCH 3 6
        S: a5 OK SEARCH completed
        C: a6 SEARCH RETURN (SAVE MIN MAX) FROM bob
        S: * ESEARCH (TAG "a6") MIN 1 MAX 6
        S: a6 OK SEARCH completed
        C: a7 FETCH $ (UID)
        S: * 1 FETCH (UID 1)
        S: * 6 FETCH (UID 6)
        S: a7 OK FETCH completed
        C: a8 UID MOVE $ Archive
        S: * OK [COPYUID ... 1,6 1:2] moved
        S: * 1 EXPUNGE
        S: * 5 EXPUNGE
        S: a8 OK MOVE completed
        C: a9 FETCH $ (UID)
        S: a9 OK FETCH completed
        C: b1 SEARCH RETURN (SAVE COUNT) ALL
        S: * ESEARCH (TAG "b1") COUNT 4
        S: b1 OK SEARCH completed
        C: b2 SELECT INBOX
        S: ...
        S: b2 OK ...
        C: b3 FETCH $ (UID)
        S: b3 OK FETCH completed
    """)


@on_loop
async def test_a_search_that_is_refused_saves_nothing_and_one_that_is_bad_leaves_what_was_saved(site: Site) -> None:
    """RFC 5182, 2.1."""
    await site.file(*MAILS)
    ann = await site.client(mailbox="INBOX")
    await ann.says(r"""
        C: a1 SEARCH RETURN (SAVE) FROM bob
        S: a1 OK SEARCH completed
        C: a2 SEARCH RETURN (SAVE) CHARSET UTF-8 SUBJECT
        S: a2 BAD ...
        C: a3 SEARCH RETURN (SAVE) 17
        S: a3 BAD ...
        C: a4 SEARCH CHARSET X-UNKNOWN FROM bob
        S: a4 NO [BADCHARSET (US-ASCII UTF-8)] ...
        C: a5 SEARCH $
        S: * SEARCH 1 3
        S: a5 OK SEARCH completed
        C: a6 SEARCH RETURN (SAVE) CHARSET X-UNKNOWN FROM bob
        S: a6 NO [BADCHARSET (US-ASCII UTF-8)] ...
        C: a7 SEARCH RETURN (COUNT) $
        S: * ESEARCH (TAG "a7") COUNT 0
        S: a7 OK SEARCH completed
    """)


@on_loop
async def test_within_counts_seconds(site: Site) -> None:
    ann = await site.client()
    hour_ago = time.strftime("%d-%b-%Y %H:%M:%S +0000", time.gmtime(time.time() - 3600))
    ann.sends(f'a1 APPEND INBOX "{hour_ago}" {{5+}}\r\nhello\r\n'.encode())
    await ann.says("""
        S: a1 OK ...
        C: a2 SELECT INBOX
        S: ...
        S: a2 OK ...
        C: a3 SEARCH OLDER 3000 YOUNGER 4000
        S: * SEARCH 1
        S: a3 OK SEARCH completed
        C: a4 SEARCH YOUNGER 3000
        S: * SEARCH
        S: a4 OK SEARCH completed""")
