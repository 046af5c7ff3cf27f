# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes: what is there, CREATE, DELETE, RENAME, SUBSCRIBE."""

from __future__ import annotations

import pytest

from ikserver.model.changes import Changed, MailboxesChanged
from ikserver.model.ids import AccountId
from ikserver.model.mail import SpecialUse
from ikserver.store.api.errors import CannotChange, MailboxExists, NoSuchMailbox
from ikserver.store.api.mail import Mail, MailStore
from tests.store.contract.conftest import ANN, Workers
from tests.store.mails import message
from tests.support import on_loop


async def names(mail: Mail) -> list[str]:
    return [mailbox.name for mailbox in await mail.mailboxes()]


@on_loop
async def test_a_new_account_has_inbox_and_the_special_mailboxes_and_is_subscribed_to_them(mail: Mail) -> None:
    there = {mailbox.name: (mailbox.special_use, mailbox.subscribed) for mailbox in await mail.mailboxes()}
    assert there == {
        "INBOX": (None, True),
        "Archive": (SpecialUse.ARCHIVE, True),
        "Drafts": (SpecialUse.DRAFTS, True),
        "Junk": (SpecialUse.JUNK, True),
        "Sent": (SpecialUse.SENT, True),
        "Trash": (SpecialUse.TRASH, True),
    }


@on_loop
async def test_create_makes_the_parents_that_are_missing(mail: Mail) -> None:
    made = await mail.create("a/b/c", subscribe=True)
    assert (made.name, made.messages, made.uidnext, made.subscribed) == ("a/b/c", 0, 1, True)
    assert {"a", "a/b", "a/b/c"} <= set(await names(mail))
    assert not (await mail.mailbox("a/b")).subscribed
    with pytest.raises(MailboxExists):
        await mail.create("a/b")


@on_loop
async def test_inbox_is_one_mailbox_in_any_case_also_as_a_parent(mail: Mail) -> None:
    assert (await mail.mailbox("inbox")).name == "INBOX"
    assert (await mail.create("Inbox/later")).name == "INBOX/later"
    with pytest.raises(MailboxExists):
        await mail.create("iNBOX")
    with pytest.raises(CannotChange):
        await mail.delete("inbox")


@pytest.mark.parametrize("name", ["", "/", "a//b", "/a", "a/", "a\x00b", "line\nbreak", "x" * 1001, "/".join("a" * 51)])
@on_loop
async def test_a_name_that_cannot_be_is_refused(mail: Mail, name: str) -> None:
    with pytest.raises(CannotChange):
        await mail.create(name)


@on_loop
async def test_names_that_look_alike_are_one(mail: Mail) -> None:
    await mail.create("Entwu\u0308rfe")
    assert (await mail.mailbox("Entw\u00fcrfe")).name == "Entw\u00fcrfe"


@on_loop
async def test_a_deleted_mailbox_leaves_its_children_and_its_subscription(mail: Mail) -> None:
    await mail.create("a/b", subscribe=True)
    await mail.subscribe("a", True)
    await mail.delete("a")
    with pytest.raises(NoSuchMailbox):
        await mail.mailbox("a")
    assert "a/b" in await names(mail)
    assert {"a", "a/b"} <= set(await mail.subscriptions())
    await mail.subscribe("a", False)
    assert "a" not in await mail.subscriptions()


@on_loop
async def test_a_name_never_goes_back_to_an_older_uidvalidity(mail: Mail) -> None:
    old = await mail.create("old")
    first = await mail.create("box")
    await mail.delete("box")
    second = await mail.create("box")
    assert second.uidvalidity > first.uidvalidity
    assert second.id != first.id
    await mail.delete("box")
    await mail.rename("old", "box")
    assert (await mail.mailbox("box")).uidvalidity > second.uidvalidity > old.uidvalidity


@on_loop
async def test_rename_takes_the_children_along_and_keeps_what_is_inside(mail: Mail) -> None:
    before = await mail.create("a/b")
    await mail.append(before.id, [message("kept")])
    await mail.rename("a", "x/y")
    moved = await mail.mailbox("x/y/b")
    assert (moved.id, moved.uidvalidity, moved.messages) == (before.id, before.uidvalidity, 1)
    assert not {"a", "a/b"} & set(await names(mail))


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("a", "a/c", CannotChange),
        ("a", "a", CannotChange),
        ("a", "Sent", MailboxExists),
        ("nowhere", "b", NoSuchMailbox),
        ("a", "INBOX", MailboxExists),
    ],
)
@on_loop
async def test_a_rename_that_cannot_be_changes_nothing(
    mail: Mail, old: str, new: str, refusal: type[Exception]
) -> None:
    await mail.create("a/b")
    before = await mail.mailboxes()
    with pytest.raises(refusal):
        await mail.rename(old, new)
    assert await mail.mailboxes() == before


@on_loop
async def test_rename_of_inbox_moves_the_messages_only(mail: Mail) -> None:
    inbox = await mail.mailbox("INBOX")
    await mail.create("INBOX/child")
    await mail.append(inbox.id, [message("one", "\\Seen"), message("two")])
    await mail.rename("INBOX", "2026/old")
    assert (await mail.mailbox("INBOX")).messages == 0
    assert "INBOX/child" in await names(mail)
    old = await mail.mailbox("2026/old")
    assert (old.messages, old.unseen) == (2, 1)


@on_loop
async def test_every_change_is_told(mail: Mail, workers: Workers) -> None:
    made = await mail.create("a")
    await mail.subscribe("a", True)
    await mail.rename("a", "b")
    await mail.append(made.id, [message()])
    await mail.delete("b")
    told = MailboxesChanged(ANN)
    assert workers.hints == [told, told, told, Changed(ANN, made.id, (workers.hints[3]).modseq), told]  # type: ignore[union-attr]


@on_loop
async def test_a_removed_account_starts_afresh_with_higher_uidvalidities(store: MailStore, workers: Workers) -> None:
    bob = AccountId(2)
    before = await (await store.mail(bob)).mailbox("INBOX")
    await (await store.mail(bob)).append(before.id, [message()])
    await store.remove(bob)
    assert bob not in await store.accounts()
    workers.clock.now += 60
    after = await (await store.mail(bob)).mailbox("INBOX")
    assert (after.messages, after.uidvalidity > before.uidvalidity) == (0, True)
