# SPDX-License-Identifier: GPL-3.0-or-later
"""CONDSTORE and QRESYNC (RFC 7162)."""

from __future__ import annotations

import re

from tests.imap_site import Site
from tests.support import on_loop
from tests.transcript import Player

FIVE = [b"Subject: x\r\n\r\nbody\r\n"] * 5


async def status(player: Player, item: str) -> int:
    lines = await player.says(f"""
        C: s STATUS INBOX ({item})
        S: ...
        S: s OK STATUS completed""")
    return int(re.findall(rf"\({item} (\d+)\)", " ".join(lines))[0])


@on_loop
async def test_condstore_tells_mod_sequences(site: Site) -> None:
    await site.file(*FIVE)
    ann = await site.client(mailbox="INBOX")
    modseq = await status(await site.client(), "HIGHESTMODSEQ")
    await ann.says(rf"""
        C: a1 STORE 1 +FLAGS (\Seen)
        S: * 1 FETCH (FLAGS (\Seen))
        S: a1 OK STORE completed
        C: a2 FETCH 1:2 (FLAGS MODSEQ)
        S: * OK [HIGHESTMODSEQ {modseq + 1}] ...
        S: * 1 FETCH (FLAGS (\Seen) MODSEQ ({modseq + 1}))
        S: * 2 FETCH (FLAGS () MODSEQ (...))
        S: a2 OK FETCH completed
        C: a3 STORE 2 +FLAGS (\Seen)
        S: * 2 FETCH (UID 2 FLAGS (\Seen) MODSEQ ({modseq + 2}))
        S: a3 OK STORE completed
        C: a4 STORE 3 +FLAGS.SILENT (\Seen)
        S: * 3 FETCH (UID 3 MODSEQ ({modseq + 3}))
        S: a4 OK STORE completed
        C: a5 FETCH 1:* (FLAGS) (CHANGEDSINCE {modseq + 1})
        S: * 2 FETCH (FLAGS (\Seen) MODSEQ ({modseq + 2}))
        S: * 3 FETCH (FLAGS (\Seen) MODSEQ ({modseq + 3}))
        S: a5 OK FETCH completed
        C: a6 SEARCH MODSEQ {modseq + 2}
        S: * SEARCH 2 3 (MODSEQ {modseq + 3})
        S: a6 OK SEARCH completed
        C: a7 UID SEARCH RETURN (MIN) MODSEQ {modseq + 2}
        S: * ESEARCH (TAG "a7") UID MIN 2 MODSEQ {modseq + 2}
        S: a7 OK SEARCH completed
        C: a8 FETCH 4 BODY[TEXT]
        S: * 4 FETCH (BODY[TEXT] {{6}}
        S: body
        S:  UID 4 FLAGS (\Seen) MODSEQ ({modseq + 4}))
        S: a8 OK FETCH completed
    """)


@on_loop
async def test_store_unchangedsince(site: Site) -> None:
    await site.file(*FIVE)
    ann, bob = await site.client(mailbox="INBOX"), await site.client(mailbox="INBOX")
    modseq = await status(await site.client(), "HIGHESTMODSEQ")
    await bob.says(r"""
        C: b1 STORE 2 +FLAGS.SILENT (\Flagged)
        S: b1 OK STORE completed""")
    await ann.says(rf"""
        C: a1 STORE 1:3 (UNCHANGEDSINCE {modseq}) +FLAGS.SILENT (\Seen)
        S: * OK [HIGHESTMODSEQ ...] ...
        S: * 2 FETCH (UID 2 FLAGS (\Flagged) MODSEQ ({modseq + 1}))
        S: * 1 FETCH (UID 1 MODSEQ ({modseq + 2}))
        S: * 3 FETCH (UID 3 MODSEQ ({modseq + 2}))
        S: a1 OK [MODIFIED 2] ...
        C: a2 UID STORE 2,4 (UNCHANGEDSINCE 1) +FLAGS (\Seen)
        S: a2 OK [MODIFIED 2,4] ...
    """)


@on_loop
async def test_enable_tells_what_is_new(site: Site) -> None:
    ann = await site.client(mailbox="INBOX")
    await ann.says("""
        C: a1 SELECT INBOX (QRESYNC (1 1))
        S: a1 BAD QRESYNC must be enabled first
        C: a2 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)
        S: a2 BAD ...
        C: a3 ENABLE CONDSTORE X-UNKNOWN
        S: * OK [HIGHESTMODSEQ ...] ...
        S: * ENABLED CONDSTORE
        S: a3 OK ENABLE completed
        C: a4 ENABLE QRESYNC CONDSTORE
        S: * ENABLED QRESYNC
        S: a4 OK ENABLE completed
        C: a5 ENABLE QRESYNC
        S: * ENABLED
        S: a5 OK ENABLE completed
    """)


@on_loop
async def test_vanished_instead_of_expunge(site: Site) -> None:
    await site.file(*FIVE)
    ann, bob = await site.client(), await site.client(mailbox="INBOX")
    await ann.says("""
        C: a1 ENABLE QRESYNC
        S: * ENABLED QRESYNC
        S: a1 OK ENABLE completed
        C: a2 SELECT INBOX
        S: ...
        S: a2 OK ...
        C: a3 IDLE
        S: + idling""")
    await bob.says(r"""
        C: b1 STORE 1,3:4 +FLAGS.SILENT (\Deleted)
        S: b1 OK ...""")
    await ann.says(r"""
        S: * 1 FETCH (UID 1 FLAGS (\Deleted) MODSEQ (...))
        S: * 3 FETCH (UID 3 FLAGS (\Deleted) MODSEQ (...))
        S: * 4 FETCH (UID 4 FLAGS (\Deleted) MODSEQ (...))""")
    await bob.says("""
        C: b2 EXPUNGE
        S: * 1 EXPUNGE
        S: * 2 EXPUNGE
        S: * 2 EXPUNGE
        S: b2 OK EXPUNGE completed""")
    await ann.says(r"""
        S: * VANISHED 1,3:4
        C: DONE
        S: a3 OK IDLE ended
        C: a4 STORE 1 +FLAGS.SILENT (\Deleted)
        S: * 1 FETCH (UID 2 MODSEQ (...))
        S: a4 OK STORE completed
        C: a5 EXPUNGE
        S: * VANISHED 2
        S: a5 OK [HIGHESTMODSEQ ...] EXPUNGE completed
        C: a6 MOVE 1 Archive
        S: * OK [COPYUID ... 5 1] moved
        S: * VANISHED 5
        S: a6 OK [HIGHESTMODSEQ ...] MOVE completed""")


@on_loop
async def test_a_client_that_comes_back_hears_what_it_missed(site: Site) -> None:
    await site.file(*FIVE, *FIVE)
    ann = await site.client()
    validity, modseq = await status(ann, "UIDVALIDITY"), await status(ann, "HIGHESTMODSEQ")
    bob = await site.client(mailbox="INBOX")
    await bob.says(r"""
        C: b1 STORE 2:3,7 +FLAGS.SILENT (\Deleted)
        S: b1 OK ...
        C: b2 EXPUNGE
        S: ...
        S: b2 OK ...
        C: b3 UID STORE 4,8 +FLAGS.SILENT (\Flagged)
        S: b3 OK ...""")
    await site.file(FIVE[0])
    await ann.says(rf"""
        C: a1 ENABLE QRESYNC
        S: ...
        S: a1 OK ...
        C: a2 SELECT INBOX (QRESYNC ({validity} {modseq}))
        S: ...
        S: * 8 EXISTS
        S: ...
        S: * VANISHED (EARLIER) 2:3,7
        S: * 2 FETCH (UID 4 FLAGS (\Flagged) MODSEQ ({modseq + 3}))
        S: * 5 FETCH (UID 8 FLAGS (\Flagged) MODSEQ ({modseq + 3}))
        S: * 8 FETCH (UID 11 FLAGS () MODSEQ ({modseq + 4}))
        S: a2 OK [READ-WRITE] SELECT completed
        C: a3 SELECT INBOX (QRESYNC ({validity} {modseq} 3:5))
        S: * OK [CLOSED] ...
        S: ...
        S: * VANISHED (EARLIER) 3
        S: * 2 FETCH (UID 4 FLAGS (\Flagged) MODSEQ ({modseq + 3}))
        S: a3 OK [READ-WRITE] SELECT completed
        C: a4 SELECT INBOX (QRESYNC ({validity} {modseq} 1:11 (1,3 1,3)))
        S: ...
        S: * VANISHED (EARLIER) 2:3,7
        S: ...
        S: a4 OK [READ-WRITE] SELECT completed
        C: a5 SELECT INBOX (QRESYNC ({validity} {modseq} 1:11 (1,3 1,5)))
        S: ...
        S: * VANISHED (EARLIER) 7
        S: ...
        S: a5 OK [READ-WRITE] SELECT completed
        C: a6 SELECT INBOX (QRESYNC ({validity + 1} {modseq}))
        S: ...
        S: * OK [HIGHESTMODSEQ {modseq + 4}] ...
        S: a6 OK [READ-WRITE] SELECT completed
        C: a7 UID FETCH 1:10 (FLAGS) (CHANGEDSINCE {modseq} VANISHED)
        S: * VANISHED (EARLIER) 2:3,7
        S: * 2 FETCH (UID 4 FLAGS (\Flagged) MODSEQ ({modseq + 3}))
        S: * 5 FETCH (UID 8 FLAGS (\Flagged) MODSEQ ({modseq + 3}))
        S: a7 OK FETCH completed
    """)
