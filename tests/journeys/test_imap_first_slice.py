# SPDX-License-Identifier: GPL-3.0-or-later
"""From login to a message and back."""

from __future__ import annotations

from tests.imap_site import Site
from tests.support import on_loop


@on_loop
async def test_a_message_goes_in_and_comes_back(site: Site) -> None:
    ann = await site.client()
    await ann.says(r"""
        C: a1 SELECT INBOX
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] ...
        S: * 0 EXISTS
        S: * 0 RECENT
        S: * OK [UIDVALIDITY ...] ...
        S: * OK [UIDNEXT 1] ...
        S: * OK [HIGHESTMODSEQ ...] ...
        S: a1 OK [READ-WRITE] SELECT completed
        C: a2 APPEND INBOX (\Flagged) "17-Jul-1996 02:44:25 -0700" {52}
        S: + ready
        C: From: Bob <bob@demo.test>
        C: Subject: hello
        C:
        C: Hi Ann!
        S: * 1 EXISTS
        S: * 0 RECENT
        S: a2 OK [APPENDUID ... 1] APPEND completed
        C: a3 FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY.PEEK[] BODY.PEEK[HEADER.FIELDS (Subject)])
        S: * 1 FETCH (UID 1 FLAGS (\Flagged) INTERNALDATE "17-Jul-1996 02:44:25 -0700" ... ENVELOPE (...) BODY[] {52}
        S: From: Bob <bob@demo.test>
        S: Subject: hello
        S:
        S: Hi Ann! BODY[HEADER.FIELDS (Subject)] {18}
        S: Subject: hello
        S:
        S: )
        S: a3 OK FETCH completed
        C: a4 LOGOUT
        S: * BYE ...
        S: a4 OK LOGOUT completed
    """)
    await ann.hears_end()
