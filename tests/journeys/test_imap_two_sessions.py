# SPDX-License-Identifier: GPL-3.0-or-later
"""What one session hears of another: numbering, news, IDLE (RFC 9051, 5.2, 7.5.1; RFC 2180)."""

from __future__ import annotations

from pathlib import Path

from ikserver.changes import Changes
from ikserver.model.changes import Changed, Hint
from ikserver.model.ids import AccountId, ModSeq
from ikserver.model.mail import NewMessage
from ikserver.store.embedded import open_mail_store
from protocols.message import scan
from tests.imap_site import Site
from tests.support import on_loop

THREE = [b"Subject: %b\r\n\r\nhello\r\n" % name for name in (b"one", b"two", b"three")]


@on_loop
async def test_numbers_keep_their_meaning_until_expunge_may_be_told(site: Site) -> None:
    await site.file(*THREE)
    ann, bob = await site.client(mailbox="INBOX"), await site.client(mailbox="INBOX")
    await bob.says(r"""
        C: b1 STORE 1 +FLAGS (\Deleted)
        S: * 1 FETCH (FLAGS (\Deleted))
        S: b1 OK STORE completed
        C: b2 EXPUNGE
        S: * 1 EXPUNGE
        S: b2 OK EXPUNGE completed
    """)
    await ann.says(r"""
        C: a1 FETCH 2 (UID)
        S: * 2 FETCH (UID 2)
        S: a1 OK FETCH completed
        C: a2 STORE 3 +FLAGS (\Flagged)
        S: * 3 FETCH (FLAGS (\Flagged))
        S: a2 OK STORE completed
        C: a3 SEARCH FLAGGED
        S: * SEARCH 3
        S: a3 OK SEARCH completed
        C: a4 FETCH 3 (UID FLAGS)
        S: * 3 FETCH (UID 3 FLAGS (\Flagged))
        S: a4 OK FETCH completed
        C: a5 UID FETCH 3 (FLAGS)
        S: * 3 FETCH (UID 3 FLAGS (\Flagged))
        S: * 1 EXPUNGE
        S: a5 OK FETCH completed
        C: a6 FETCH 2 (UID)
        S: * 2 FETCH (UID 3)
        S: a6 OK FETCH completed
        C: a7 FETCH 3 (UID)
        S: a7 BAD ...
    """)


@on_loop
async def test_expunges_are_told_one_by_one_in_numbers_of_the_moment(site: Site) -> None:
    await site.file(*THREE, *THREE)
    ann, bob = await site.client(mailbox="INBOX"), await site.client(mailbox="INBOX")
    await bob.says(r"""
        C: b1 STORE 1:2,4,6 +FLAGS.SILENT (\Deleted)
        S: b1 OK ...
        C: b2 UID EXPUNGE 1:4
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: * 2 EXPUNGE
        S: b2 OK EXPUNGE completed
    """)
    await site.file(THREE[0])
    await ann.says(r"""
        C: a1 NOOP
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: * 2 EXPUNGE
        S: * 4 EXISTS
        S: * 0 RECENT
        S: * 3 FETCH (UID 6 FLAGS (\Deleted))
        S: a1 OK NOOP completed
        C: a2 UID SEARCH ALL
        S: * SEARCH 3 5 6 7
        S: a2 OK SEARCH completed
    """)


@on_loop
async def test_idle_hears_of_everything_at_once(site: Site) -> None:
    await site.file(*THREE)
    ann, bob = await site.client(mailbox="INBOX"), await site.client(mailbox="INBOX")
    await ann.says("""
        C: a1 IDLE
        S: + idling""")
    await site.file(THREE[0])
    await ann.says("""
        S: * 4 EXISTS
        S: * 0 RECENT""")
    await bob.says(r"""
        C: b1 STORE 2 +FLAGS ($Work)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work)
        S: * 2 FETCH (FLAGS ($Work))
        S: * 4 EXISTS
        S: * 0 RECENT
        S: b1 OK STORE completed""")
    await ann.says(r"""
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work)
        S: * 2 FETCH (UID 2 FLAGS ($Work))""")
    await bob.says(r"""
        C: b2 UID MOVE 1 Archive
        S: * OK [COPYUID ... 1 1] moved
        S: * 1 EXPUNGE
        S: b2 OK MOVE completed""")
    await ann.says("""
        S: * 1 EXPUNGE
        C: done
        S: a1 OK IDLE ended
        C: a2 IDLE
        S: + idling
        C: a3 NOOP
        S: a2 BAD expected DONE""")


@on_loop
async def test_news_of_another_worker(site: Site, tmp_path: Path) -> None:
    """Another process on the same files: its hints come over a relay, and where they are lost somebody looks."""

    class Relay:
        lost = False

        def send(self, hint: Hint) -> None:
            if not self.lost:
                site.changes.hear(hint)

    relay = Relay()
    worker = open_mail_store(tmp_path, Changes(relay))
    message = NewMessage(THREE[0], scan(THREE[0]))
    ann = await site.client(mailbox="INBOX")
    await ann.says("""
        C: a1 IDLE
        S: + idling""")
    await (await worker.mail(AccountId(1))).deliver("INBOX", message)
    await ann.says("""
        S: * 1 EXISTS
        S: * 0 RECENT""")
    relay.lost = True
    await (await worker.mail(AccountId(1))).deliver("INBOX", message)
    await site.mail_store.look()
    await ann.says("""
        S: * 2 EXISTS
        S: * 0 RECENT
        C: DONE
        S: a1 OK IDLE ended""")
    await worker.close()


@on_loop
async def test_hints_that_come_twice_or_for_nothing_do_no_harm(site: Site) -> None:
    await site.file(*THREE)
    ann = await site.client(mailbox="INBOX")
    mailbox = await (await site.mail()).mailbox("INBOX")
    await ann.says("""
        C: a1 IDLE
        S: + idling""")
    for _ in range(3):
        site.changes.publish(Changed(AccountId(1), mailbox.id, ModSeq(1)))
    await ann.says("""
        C: DONE
        S: a1 OK IDLE ended""")


@on_loop
async def test_a_session_hears_of_its_own_changes_once(site: Site) -> None:
    await site.file(*THREE)
    ann = await site.client(mailbox="INBOX")
    await ann.says(r"""
        C: a1 STORE 1 +FLAGS (\Seen)
        S: * 1 FETCH (FLAGS (\Seen))
        S: a1 OK STORE completed
        C: a2 STORE 1:2 +FLAGS.SILENT (\Answered)
        S: a2 OK STORE completed
        C: a3 NOOP
        S: a3 OK NOOP completed
        C: a4 FETCH 3 (BODY[TEXT])
        S: * 3 FETCH (BODY[TEXT] {7}
        S: hello
        S:  FLAGS (\Seen))
        S: a4 OK FETCH completed
        C: a5 NOOP
        S: a5 OK NOOP completed
        C: a6 FETCH 3 (BODY[TEXT])
        S: * 3 FETCH (BODY[TEXT] {7}
        S: hello
        S: )
        S: a6 OK FETCH completed
        C: a7 APPEND INBOX {0+}
        C:
        S: * 4 EXISTS
        S: * 0 RECENT
        S: a7 OK [APPENDUID ... 4] APPEND completed
    """)


@on_loop
async def test_a_silent_store_still_tells_what_others_did(site: Site) -> None:
    await site.file(*THREE)
    ann, bob = await site.client(mailbox="INBOX"), await site.client(mailbox="INBOX")
    await bob.says(r"""
        C: b1 STORE 2 +FLAGS.SILENT (\Flagged)
        S: b1 OK STORE completed""")
    await ann.says(r"""
        C: a1 STORE 1 +FLAGS.SILENT (\Seen)
        S: * 2 FETCH (UID 2 FLAGS (\Flagged))
        S: a1 OK STORE completed""")


@on_loop
async def test_a_store_of_what_is_so_already_changes_no_mod_sequence_and_is_news_for_nobody(site: Site) -> None:
    await site.file(*THREE)
    ann, bob = await site.client(mailbox="INBOX"), await site.client(mailbox="INBOX")
    await bob.says(r"""
        C: b1 STORE 1:2 +FLAGS.SILENT (\Seen $Label)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Label)
        S: b1 OK STORE completed
        C: b2 STATUS INBOX (HIGHESTMODSEQ)
        S: * OK [HIGHESTMODSEQ 5] mod-sequences are told from here on
        S: * STATUS INBOX (HIGHESTMODSEQ 5)
        S: b2 OK STATUS completed
    """)
    await ann.says(r"""
        C: a1 STORE 1:2 +FLAGS ($LABEL \Seen)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Label)
        S: * 1 FETCH (UID 1 FLAGS (\Seen $Label))
        S: * 2 FETCH (UID 2 FLAGS (\Seen $Label))
        S: * 1 FETCH (FLAGS (\Seen $Label))
        S: * 2 FETCH (FLAGS (\Seen $Label))
        S: a1 OK STORE completed
        C: a2 STORE 3 -FLAGS (\Seen $label)
        S: * 3 FETCH (FLAGS ())
        S: a2 OK STORE completed
        C: a3 STORE 1:2 FLAGS.SILENT (\Seen $label)
        S: a3 OK STORE completed
        C: a4 STATUS INBOX (HIGHESTMODSEQ)
        S: * OK [HIGHESTMODSEQ 5] mod-sequences are told from here on
        S: * STATUS INBOX (HIGHESTMODSEQ 5)
        S: a4 OK STATUS completed
    """)


@on_loop
async def test_flags_are_fresh_even_while_expunges_wait(site: Site) -> None:
    await site.file(*THREE)
    ann, bob = await site.client(mailbox="INBOX"), await site.client(mailbox="INBOX")
    await bob.says(r"""
        C: b1 STORE 1 +FLAGS.SILENT (\Deleted)
        S: b1 OK ...
        C: b2 EXPUNGE
        S: * 1 EXPUNGE
        S: b2 OK ...
        C: b3 STORE 1 +FLAGS.SILENT (\Flagged)
        S: b3 OK ...""")
    await ann.says(r"""
        C: a1 FETCH 2:3 (FLAGS)
        S: * 2 FETCH (FLAGS (...))
        S: * 3 FETCH (FLAGS ())
        S: * 2 FETCH (UID 2 FLAGS (\Flagged))
        S: a1 OK FETCH completed
        C: a2 FETCH 1:3 (FLAGS BODY.PEEK[TEXT])
        S: * 1 FETCH (FLAGS (...) BODY[TEXT] {7}
        S: hello
        S: )
        S: * 2 FETCH (FLAGS (\Flagged) BODY[TEXT] {7}
        S: hello
        S: )
        S: * 3 FETCH (FLAGS () BODY[TEXT] {7}
        S: hello
        S: )
        S: a2 OK FETCH completed""")


@on_loop
async def test_another_account_hears_nothing(site: Site) -> None:
    bob = await site.client("bob@demo.test", mailbox="INBOX")
    await bob.says("""
        C: b1 IDLE
        S: + idling""")
    await site.file(*THREE)
    await bob.says("""
        C: DONE
        S: b1 OK IDLE ended
        C: b2 STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 0)
        S: b2 OK ...""")
