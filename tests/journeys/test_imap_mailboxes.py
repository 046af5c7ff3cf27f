# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes: names, LIST in all its forms, STATUS, subscriptions, quota."""

from __future__ import annotations

import pytest

from tests.imap_site import Site
from tests.support import on_loop


@on_loop
async def test_a_new_account_has_its_special_mailboxes(site: Site) -> None:
    ann = await site.client()
    await ann.says(r"""
        C: a1 LIST "" *
        S: * LIST (\HasNoChildren \Archive) "/" Archive
        S: * LIST (\HasNoChildren \Drafts) "/" Drafts
        S: * LIST (\HasNoChildren) "/" INBOX
        S: * LIST (\HasNoChildren \Junk) "/" Junk
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: * LIST (\HasNoChildren \Trash) "/" Trash
        S: a1 OK LIST completed
        C: a2 LIST (SPECIAL-USE SUBSCRIBED) "" * RETURN (SUBSCRIBED)
        S: * LIST (\HasNoChildren \Archive \Subscribed) "/" Archive
        S: * LIST (\HasNoChildren \Drafts \Subscribed) "/" Drafts
        S: * LIST (\HasNoChildren \Junk \Subscribed) "/" Junk
        S: * LIST (\HasNoChildren \Sent \Subscribed) "/" Sent
        S: * LIST (\HasNoChildren \Trash \Subscribed) "/" Trash
        S: a2 OK LIST completed
        C: a3 LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: a3 OK LIST completed
        C: a4 NAMESPACE
        S: * NAMESPACE (("" "/")) NIL NIL
        S: a4 OK NAMESPACE completed
        C: a5 LIST "" inbox
        S: * LIST (\HasNoChildren) "/" INBOX
        S: a5 OK LIST completed
    """)


@on_loop
async def test_create_delete_rename(site: Site) -> None:
    ann = await site.client()
    await ann.says(r"""
        C: a1 CREATE Work/2026/
        S: a1 OK CREATE completed
        C: a2 CREATE Work/2026
        S: a2 NO [ALREADYEXISTS] ...
        C: a3 LIST "" Work*
        S: * LIST (\HasChildren) "/" Work
        S: * LIST (\HasNoChildren) "/" Work/2026
        S: a3 OK LIST completed
        C: a4 RENAME Work Arbeit
        S: a4 OK RENAME completed
        C: a5 LIST Arbeit/ %
        S: * LIST (\HasNoChildren) "/" Arbeit/2026
        S: a5 OK LIST completed
        C: a6 DELETE Work
        S: a6 NO [NONEXISTENT] ...
        C: a7 DELETE INBOX
        S: a7 NO [CANNOT] ...
        C: a8 DELETE Arbeit/2026
        S: a8 OK DELETE completed
        C: a9 SELECT Arbeit/2026
        S: a9 NO [NONEXISTENT] ...
        C: b1 CREATE Important (USE (\Flagged))
        S: b1 OK CREATE completed
        C: b2 LIST (SPECIAL-USE) "" Imp%
        S: * LIST (\HasNoChildren \Flagged) "/" Important
        S: b2 OK LIST completed
        C: b3 CREATE Odd (USE (\Nonsense))
        S: b3 NO [USEATTR] ...
        C: b4 LIST "" Odd
        S: b4 OK LIST completed
    """)


@on_loop
async def test_a_parent_that_is_deleted_stays_as_a_name(site: Site) -> None:
    ann = await site.client()
    await ann.says(r"""
        C: a1 CREATE Foo/Bar
        S: a1 OK ...
        C: a2 DELETE Foo
        S: a2 OK ...
        C: a3 LIST "" F%
        S: * LIST (\Noselect \HasChildren) "/" Foo
        S: a3 OK ...
        C: a4 LIST "" F% RETURN (CHILDREN)
        S: * LIST (\NonExistent \HasChildren) "/" Foo
        S: a4 OK ...
        C: a5 SELECT Foo
        S: a5 NO [NONEXISTENT] ...
    """)


@on_loop
async def test_recursivematch_tells_what_is_hidden_below(site: Site) -> None:
    """RFC 9051, 6.3.9.8, examples 8 to 10."""
    ann = await site.client()
    await ann.says(r"""
        C: a1 CREATE foo2/bar1
        S: a1 OK ...
        C: a2 CREATE foo2/bar2
        S: a2 OK ...
        C: a3 SUBSCRIBE foo2/bar1
        S: a3 OK SUBSCRIBE completed
        C: a4 SUBSCRIBE gone/deep
        S: a4 OK SUBSCRIBE completed
        C: a5 LIST (SUBSCRIBED RECURSIVEMATCH) "" (foo% gone%)
        S: * LIST (\HasChildren) "/" foo2 ("CHILDINFO" ("SUBSCRIBED"))
        S: * LIST (\NonExistent \HasNoChildren) "/" gone ("CHILDINFO" ("SUBSCRIBED"))
        S: a5 OK LIST completed
        C: a6 LIST (SUBSCRIBED RECURSIVEMATCH) "" foo*
        S: * LIST (\HasNoChildren \Subscribed) "/" foo2/bar1
        S: a6 OK LIST completed
        C: a7 LIST (RECURSIVEMATCH) "" *
        S: a7 BAD ...
        C: a8 LIST (SUBSCRIBED) "" gone*
        S: * LIST (\NonExistent \HasNoChildren \Subscribed) "/" gone/deep
        S: a8 OK LIST completed
        C: a9 LSUB "" %
        S: * LSUB () "/" Archive
        S: * LSUB () "/" Drafts
        S: ...
        S: * LSUB (\Noselect) "/" foo2
        S: * LSUB (\Noselect) "/" gone
        S: a9 OK LSUB completed
        C: b1 UNSUBSCRIBE foo2/bar1
        S: b1 OK UNSUBSCRIBE completed
        C: b2 LSUB "" foo*
        S: b2 OK LSUB completed
    """)


@on_loop
async def test_status_of_one_and_of_all(site: Site) -> None:
    await site.file(b"Subject: one\r\n\r\nhello\r\n", b"Subject: two\r\n\r\nhello\r\n")
    ann = await site.client(mailbox="INBOX")
    await ann.says(r"""
        C: a1 STORE 1 +FLAGS.SILENT (\Seen \Deleted)
        S: a1 OK STORE completed
        C: a2 STATUS INBOX (MESSAGES UIDNEXT UNSEEN DELETED SIZE RECENT APPENDLIMIT DELETED-STORAGE)
        S: * STATUS INBOX (MESSAGES 2 UIDNEXT 3 UNSEEN 1 DELETED 1 SIZE 46 ... DELETED-STORAGE 23)
        S: a2 OK STATUS completed
        C: a3 LIST "" (INBOX Junk) RETURN (STATUS (MESSAGES) CHILDREN)
        S: * LIST (\HasNoChildren) "/" INBOX
        S: * STATUS INBOX (MESSAGES 2)
        S: * LIST (\HasNoChildren \Junk) "/" Junk
        S: * STATUS Junk (MESSAGES 0)
        S: a3 OK LIST completed
        C: a4 STATUS Nowhere (MESSAGES)
        S: a4 NO [NONEXISTENT] ...
        C: a5 STATUS INBOX (HIGHESTMODSEQ)
        S: * OK [HIGHESTMODSEQ ...] ...
        S: * STATUS INBOX (HIGHESTMODSEQ ...)
        S: a5 OK STATUS completed
    """)


@pytest.mark.parametrize("character", list("!#$&'+,-.0:;<=>?@^_`|[}~\"\\"))
@on_loop
async def test_a_name_may_have_nearly_every_character(site: Site, character: str) -> None:
    r"""RFC 9051, 9: astring, and quoted for the rest."""
    escaped = character.replace("\\", "\\\\").replace('"', '\\"')
    ann = await site.client()
    ann.sends(f'a1 CREATE "x{escaped if character != "&" else "&-"}y"\r\n'.encode())
    await ann.says("S: a1 OK CREATE completed")
    ann.sends(f'a2 SELECT "x{escaped if character != "&" else "&-"}y"\r\n'.encode())
    await ann.says("""
        S: ...
        S: a2 OK [READ-WRITE] SELECT completed""")


@on_loop
async def test_names_in_all_languages(site: Site) -> None:
    ann = await site.client()
    await ann.says(r"""
        C: a1 CREATE Entw&APw-rfe
        S: a1 OK CREATE completed
        C: a2 LIST "" Ent*
        S: * LIST (\HasNoChildren) "/" Entw&APw-rfe
        S: a2 OK LIST completed
        C: a3 ENABLE IMAP4rev2
        S: * ENABLED IMAP4rev2
        S: a3 OK ENABLE completed
        C: a4 LIST "" "Entwü*"
        S: * LIST (\HasNoChildren) "/" "Entwürfe"
        S: a4 OK LIST completed
        C: a5 RENAME "Entwürfe" "下書き"
        S: * LIST () "/" "下書き" ("OLDNAME" ("Entwürfe"))
        S: a5 OK RENAME completed
        C: a6 SELECT "下書き"
        S: ...
        S: * LIST () "/" "下書き"
        S: ...
        S: a6 OK [READ-WRITE] SELECT completed
    """)


@on_loop
async def test_a_name_used_again_gets_a_higher_uidvalidity(site: Site) -> None:
    ann = await site.client()

    async def uidvalidity(name: str) -> int:
        lines = await ann.says(f"""
            C: s1 STATUS {name} (UIDVALIDITY)
            S: * STATUS {name} (UIDVALIDITY ...)
            S: s1 OK STATUS completed""")
        return int(lines[0].rpartition(" ")[2].rstrip(")"))

    await ann.says("""
        C: a1 CREATE Again
        S: a1 OK ...""")
    first = await uidvalidity("Again")
    await ann.says("""
        C: a2 DELETE Again
        C: a3 CREATE Again
        S: a2 OK ...
        S: a3 OK ...""")
    assert await uidvalidity("Again") > first


@on_loop
async def test_a_selected_mailbox_may_be_deleted(site: Site) -> None:
    ann = await site.client()
    await ann.says("""
        C: a1 CREATE Short
        S: a1 OK ...""")
    other = await site.client(mailbox="Short")
    idler = await site.client(mailbox="Short")
    await idler.says("""
        C: i1 IDLE
        S: + idling""")
    await ann.says("""
        C: a2 SELECT Short
        S: ...
        S: a2 OK ...
        C: a3 DELETE Short
        S: * OK [CLOSED] ...
        S: a3 OK DELETE completed
        C: a4 FETCH 1 FLAGS
        S: a4 BAD select a mailbox first""")
    await idler.says("S: * BYE the selected mailbox was deleted")
    await other.says("""
        C: o1 NOOP
        S: * BYE the selected mailbox was deleted""")


@on_loop
async def test_a_selected_mailbox_may_be_renamed(site: Site) -> None:
    await site.file(b"Subject: one\r\n\r\nhello\r\n", mailbox="Archive")
    ann, other = await site.client(mailbox="Archive"), await site.client()
    await other.says("""
        C: o1 RENAME Archive Attic
        S: o1 OK RENAME completed""")
    await ann.says("""
        C: a1 FETCH 1 (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])
        S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (SUBJECT)] {16}
        S: Subject: one
        S:
        S: )
        S: a1 OK FETCH completed""")


@on_loop
async def test_quota_is_told_and_kept(site: Site) -> None:
    await (await site.mail()).set_quota(2048, 3)
    ann = await site.client()
    await ann.says(f"""
        C: a1 GETQUOTAROOT INBOX
        S: * QUOTAROOT INBOX ""
        S: * QUOTA "" (STORAGE 0 2 MESSAGE 0 3)
        S: a1 OK GETQUOTAROOT completed
        C: a2 APPEND INBOX {{3000+}}
        C: {"x" * 3000}
        S: a2 NO [OVERQUOTA] ...
        C: a3 GETQUOTA other
        S: a3 NO [NONEXISTENT] ...
        C: a4 SETQUOTA "" (STORAGE 9999)
        S: a4 NO [NOPERM] ...
        C: a5 APPEND INBOX {{10+}}
        C: Subject: x
        S: a5 OK ...
        C: a6 GETQUOTA ""
        S: * QUOTA "" (STORAGE 1 2 MESSAGE 1 3)
        S: a6 OK GETQUOTA completed
    """)
