# SPDX-License-Identifier: GPL-3.0-or-later
"""STORE, keywords, what an open mailbox shows of changed flags."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ikserver.model.ids import ModSeq, Uid
from ikserver.model.mail import ANSWERED, DELETED, FLAGGED, SEEN, FlagChange, FlagMode
from ikserver.store.api.errors import CannotChange
from ikserver.store.api.mail import Mail, Opened
from tests.store.mails import message
from tests.support import on_loop


def add(*flags: str) -> FlagChange:
    return FlagChange(FlagMode.ADD, frozenset(flags))


def remove(*flags: str) -> FlagChange:
    return FlagChange(FlagMode.REMOVE, frozenset(flags))


def replace(*flags: str) -> FlagChange:
    return FlagChange(FlagMode.REPLACE, frozenset(flags))


def uids(*numbers: int) -> list[Uid]:
    return [Uid(number) for number in numbers]


async def filled(mail: Mail, count: int = 4) -> Opened:
    opened = await mail.open("INBOX")
    await mail.append(opened.mailbox.id, [message(f"number {n}") for n in range(count)])
    opened.refresh()
    return opened


def shown(opened: Opened) -> list[set[str]]:
    return [set(opened.flags(flagset)) for flagset in opened.columns.flagsets]


@on_loop
async def test_flags_are_added_removed_and_replaced(mail: Mail) -> None:
    opened = await filled(mail)
    box, columns = opened.mailbox.id, opened.columns
    await mail.store_flags(box, uids(1, 2, 3), add(SEEN, FLAGGED))
    await mail.store_flags(box, uids(2, 3), remove(SEEN, ANSWERED))
    await mail.store_flags(box, uids(3, 4), replace(DELETED, "$Label"))
    assert opened.refresh()
    assert shown(opened) == [{SEEN, FLAGGED}, {FLAGGED}, {DELETED, "$Label"}, {DELETED, "$Label"}]
    assert opened.columns is columns, "flags change in place"
    assert (opened.mailbox.unseen, opened.mailbox.deleted) == (3, 2)
    assert [opened.flags_wire()[flagset] for flagset in columns.flagsets] == [
        b"(\\Flagged \\Seen)",
        b"(\\Flagged)",
        b"(\\Deleted $Label)",
        b"(\\Deleted $Label)",
    ]


@on_loop
async def test_only_messages_whose_flags_change_get_the_new_mod_sequence(mail: Mail) -> None:
    opened = await filled(mail)
    box = opened.mailbox.id
    first = await mail.store_flags(box, uids(2, 9), add(SEEN))
    second = await mail.store_flags(box, uids(1, 2, 3), add(SEEN))
    nothing = await mail.store_flags(box, uids(1, 2, 3), add(SEEN))
    assert (list(first.changed), list(second.changed), list(nothing.changed)) == ([2], [1, 3], [])
    assert first.modseq < second.modseq == nothing.modseq
    opened.refresh()
    assert opened.mailbox.highest_modseq == second.modseq
    assert list(opened.columns.modseqs) == [second.modseq, first.modseq, second.modseq, 2]
    assert list(opened.changed_since(first.modseq)) == [0, 2]


@on_loop
async def test_unchangedsince_refuses_what_somebody_else_changed(mail: Mail) -> None:
    """RFC 7162, 3.1.3, example 9 in small."""
    opened = await filled(mail)
    box, known = opened.mailbox.id, opened.mailbox.highest_modseq
    await mail.store_flags(box, uids(2), add(FLAGGED))
    stored = await mail.store_flags(box, uids(1, 2, 3), add(DELETED), known)
    assert (list(stored.changed), list(stored.refused)) == ([1, 3], [2])
    opened.refresh()
    assert shown(opened) == [{DELETED}, {FLAGGED}, {DELETED}, set()]


@on_loop
async def test_every_message_of_many_pages_changes_at_once(mail: Mail) -> None:
    opened = await filled(mail, 1_000)
    everyone = [Uid(uid) for uid in opened.columns.uids]
    stored = await mail.store_flags(opened.mailbox.id, everyone, add(SEEN))
    assert opened.refresh()
    assert list(stored.changed) == everyone
    assert opened.mailbox.unseen == 0
    assert shown(opened) == [{SEEN}] * 1_000
    assert list(opened.changed_since(ModSeq(stored.modseq - 1))) == list(range(1_000))


@on_loop
async def test_keywords_keep_the_spelling_and_the_order_of_their_first_use(mail: Mail) -> None:
    opened = await filled(mail)
    box = opened.mailbox.id
    await mail.store_flags(box, uids(1), add("$Junk"))
    await mail.store_flags(box, uids(2), add("NIL"))
    await mail.store_flags(box, uids(3), add("$JUNK", "apple"))
    await mail.store_flags(box, uids(1), remove("$junk"))
    opened.refresh()
    assert shown(opened) == [set(), {"NIL"}, {"$Junk", "apple"}, set()]
    assert list(opened.keywords()) == ["$Junk", "NIL", "apple"]


@pytest.mark.parametrize("flag", ["", "two words", "\\Recent", "pa(ren", "é", 'quo"te', "ti\tny"])
@on_loop
async def test_what_is_no_keyword_is_refused(mail: Mail, flag: str) -> None:
    opened = await filled(mail)
    with pytest.raises(CannotChange):
        await mail.store_flags(opened.mailbox.id, uids(1), add(flag))
    assert not opened.refresh()


@on_loop
async def test_an_account_knows_a_thousand_keywords_and_no_more(mail: Mail) -> None:
    opened = await filled(mail, 1)
    await mail.store_flags(opened.mailbox.id, uids(1), add(*(f"k{n}" for n in range(1_000))))
    with pytest.raises(CannotChange, match="too many"):
        await mail.store_flags(opened.mailbox.id, uids(1), add("one-more"))
    await mail.store_flags(opened.mailbox.id, uids(1), replace("K7"))
    opened.refresh()
    assert shown(opened) == [{"k7"}]


@pytest.mark.parametrize("flags", [(), (SEEN,), (SEEN, "$Label"), ("$label",), (FLAGGED, "$LABEL", "other")])
@pytest.mark.parametrize("make", [add, remove, replace])
@on_loop
async def test_a_change_knows_which_messages_it_alters(
    mail: Mail, make: Callable[..., FlagChange], flags: tuple[str, ...]
) -> None:
    opened = await filled(mail)
    box = opened.mailbox.id
    for uid, had in zip(uids(1, 2, 3, 4), [(), (SEEN,), (SEEN, "$Label"), (FLAGGED, "$Label", "Other")], strict=True):
        await mail.store_flags(box, [uid], replace(*had))
    opened.refresh()
    change = make(*flags)
    altered = [
        uid for uid, had in zip(opened.columns.uids, shown(opened), strict=True) if change.alters(frozenset(had))
    ]
    assert list((await mail.store_flags(box, uids(1, 2, 3, 4), change)).changed) == altered
