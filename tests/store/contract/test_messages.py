# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages: APPEND, reading, COPY, MOVE, EXPUNGE, quotas."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ikserver.model.ids import BodyId, MailboxId, ModSeq, Uid
from ikserver.model.mail import DELETED, FLAGGED, SEEN, Fact, FlagChange, FlagMode, Usage
from ikserver.store.api.errors import NoSuchMailbox, OverQuota
from ikserver.store.api.mail import Mail, Opened
from tests.store.contract.conftest import Workers
from tests.store.mails import message, octets, spooled
from tests.support import on_loop

GONE = MailboxId(4711)


async def filled(mail: Mail, count: int = 5, *flags: str) -> Opened:
    """INBOX with some messages, open."""
    opened = await mail.open("INBOX")
    await mail.append(opened.mailbox.id, [message(f"number {n}", *flags) for n in range(count)])
    opened.refresh()
    return opened


@on_loop
async def test_appended_messages_come_back_as_they_were(mail: Mail) -> None:
    opened = await mail.open("INBOX")
    data = [octets("first"), b"no header at all", b"", octets("nul \x00 and 8 bit \u00e9")]
    new = [message(one, SEEN, "$Label", date=n - 2, zone=-90) for n, one in enumerate(data)]
    appended = await mail.append(opened.mailbox.id, new)
    assert opened.refresh()
    rows = opened.columns
    assert (list(appended.uids), list(rows.uids), opened.mailbox.uidnext) == ([1, 2, 3, 4], [1, 2, 3, 4], 5)
    assert (list(rows.dates), list(rows.zones), list(rows.sizes)) == ([-2, -1, 0, 1], [-90] * 4, list(map(len, data)))
    assert {opened.flags(flagset) for flagset in rows.flagsets} == {frozenset({SEEN, "$Label"})}
    assert await mail.small_bodies([BodyId(body) for body in rows.bodies]) == data
    assert [await mail.read(BodyId(body), 3, 5) for body in rows.bodies] == [one[3:8] for one in data]


@on_loop
async def test_what_the_scanner_found_comes_in_the_order_asked_for(mail: Mail) -> None:
    opened = await filled(mail, 1_100)
    bodies = [BodyId(body) for body in reversed(opened.columns.bodies)]
    pages = [list(page) async for page in mail.facts(Fact.ENVELOPE, bodies)]
    values = [value for page in pages for value in page]
    assert len(pages) > 1
    assert len(values) == 1_100
    assert all(f'"number {1_099 - n}"'.encode() in (value or b"") for n, value in enumerate(values))
    scan = message("number 0").scan
    for fact, value in {
        Fact.STRUCTURE: scan.structure,
        Fact.BODY: scan.body,
        Fact.HEADERS: scan.headers,
        Fact.PARTS: scan.parts,
    }.items():
        assert [page async for page in mail.facts(fact, [bodies[-1], BodyId(999_999)])] == [[value, None]]


@on_loop
async def test_a_large_body_is_read_by_range_from_its_file(mail: Mail, tmp_path: Path) -> None:
    opened = await mail.open("INBOX")
    large = octets("large", "0123456789" * 20_000)
    new = [message(large), spooled(tmp_path, large), message("small")]
    await mail.append(opened.mailbox.id, new)
    opened.refresh()
    first, second, small = map(BodyId, opened.columns.bodies)
    assert not (tmp_path / "spooled").exists()
    for body in (first, second):
        stored = await mail.body(body)
        assert stored is not None
        assert stored.size == len(large)
        assert await mail.read(body) == large
        assert await mail.read(body, 1_000, 77) == large[1_000:1_077]
        assert await mail.read(body, len(large) - 3, 100) == large[-3:]
    assert await mail.small_bodies([first, small, second]) == [None, octets("small"), None]


@on_loop
async def test_all_messages_are_stored_or_none(mail: Mail, tmp_path: Path) -> None:
    opened = await filled(mail)
    await mail.set_quota(None, 6)
    with pytest.raises(OverQuota):
        await mail.append(opened.mailbox.id, [message(), spooled(tmp_path, octets("x", "y" * 100_000))])
    assert not opened.refresh() or len(opened.columns.uids) == 5
    assert (tmp_path / "spooled").exists(), "what the store refuses stays the caller's"
    assert list((tmp_path / "mail").glob("*/blobs/*/*")) == []


@on_loop
async def test_a_mailbox_that_is_gone_is_told(mail: Mail) -> None:
    for job in (
        mail.append(GONE, [message()]),
        mail.store_flags(GONE, [], FlagChange(FlagMode.ADD, frozenset({SEEN}))),
        mail.copy(GONE, [], GONE),
        mail.move(GONE, [], GONE),
        mail.expunge(GONE, None),
        mail.changes(GONE, (await mail.mailbox("INBOX")).highest_modseq),
        mail.open("nowhere"),
    ):
        with pytest.raises(NoSuchMailbox):
            await job
    opened = await filled(mail)
    with pytest.raises(NoSuchMailbox):
        await mail.copy(opened.mailbox.id, [Uid(1)], GONE)
    other = await mail.create("other")
    watched = await mail.open("other")
    await mail.delete("other")
    with pytest.raises(NoSuchMailbox):
        watched.refresh()
    assert other.id == watched.mailbox.id


@on_loop
async def test_mail_for_a_mailbox_that_is_gone_goes_to_inbox(mail: Mail) -> None:
    await mail.create("list")
    await mail.deliver("list", message())
    await mail.delete("list")
    await mail.deliver("list", message())
    assert (await mail.mailbox("INBOX")).messages == 1


@on_loop
async def test_concurrent_deliveries_get_every_uid_once(mail: Mail) -> None:
    appended = await asyncio.gather(*[mail.deliver("INBOX", message(f"n {n}")) for n in range(40)])
    assert sorted(uid for one in appended for uid in one.uids) == list(range(1, 41))
    opened = await mail.open("INBOX")
    assert (list(opened.columns.uids), opened.mailbox.messages) == (list(range(1, 41)), 40)


@on_loop
async def test_copies_keep_flags_and_dates_and_share_the_body(mail: Mail) -> None:
    opened, target = await filled(mail, 5, FLAGGED, "$Label"), await mail.open("Archive")
    uids = (await mail.changes(opened.mailbox.id, ModSeq(0))).changed
    copied = await mail.copy(opened.mailbox.id, [*uids[1:3], Uid(999)], target.mailbox.id)
    target.refresh()
    assert (list(copied.source), list(copied.target)) == ([2, 3], [1, 2])
    assert copied.uidvalidity == target.mailbox.uidvalidity
    for column in ("flagsets", "dates", "zones", "sizes", "bodies"):
        assert list(getattr(target.columns, column)) == list(getattr(opened.columns, column))[1:3]
    again = await mail.copy(opened.mailbox.id, uids[1:2], opened.mailbox.id)
    assert (list(again.source), list(again.target)) == ([2], [6])


@on_loop
async def test_move_takes_messages_out_and_puts_them_in_at_once(mail: Mail) -> None:
    opened, target = await filled(mail), await mail.open("Trash")
    before = opened.columns
    uids = (await mail.changes(opened.mailbox.id, ModSeq(0))).changed
    copied, expunged = await mail.move(opened.mailbox.id, uids[:2], target.mailbox.id)
    assert opened.refresh()
    assert target.refresh()
    assert (list(copied.source), list(copied.target), list(expunged.uids)) == ([1, 2], [1, 2], [1, 2])
    assert (list(before.uids), list(opened.columns.uids)) == ([1, 2, 3, 4, 5], [3, 4, 5])
    assert list(target.columns.bodies) == list(before.bodies)[:2]
    assert (await mail.usage()).messages == 5


@on_loop
async def test_expunge_removes_what_is_marked_among_the_uids_given(mail: Mail) -> None:
    opened = await filled(mail, 600)
    uids = (await mail.changes(opened.mailbox.id, ModSeq(0))).changed
    await mail.store_flags(opened.mailbox.id, uids[::3], FlagChange(FlagMode.ADD, frozenset({DELETED})))
    opened.refresh()
    assert opened.mailbox.deleted == 200
    some = await mail.expunge(opened.mailbox.id, uids[:9])
    assert list(some.uids) == [1, 4, 7]
    rest = await mail.expunge(opened.mailbox.id, None)
    assert list(rest.uids) == list(uids[9::3])
    assert list((await mail.expunge(opened.mailbox.id, None)).uids) == []
    opened.refresh()
    assert list(opened.columns.uids) == [uid for n, uid in enumerate(uids) if n % 3]
    assert (opened.mailbox.messages, opened.mailbox.deleted, opened.mailbox.highest_modseq) == (400, 0, rest.modseq)


@on_loop
async def test_an_expunged_body_stays_readable_for_a_quarter_of_an_hour(
    mail: Mail, workers: Workers, tmp_path: Path
) -> None:
    opened = await mail.open("INBOX")
    large = message(octets("large", "x" * 100_000), DELETED)
    await mail.append(opened.mailbox.id, [message("gone", DELETED), large, message("copied", DELETED), message("kept")])
    opened.refresh()
    columns = opened.columns
    first, second, third, _ = map(BodyId, columns.bodies)
    third_uid = (await mail.changes(opened.mailbox.id, ModSeq(0))).changed[2:3]
    await mail.copy(opened.mailbox.id, third_uid, (await mail.mailbox("Archive")).id)
    await mail.expunge(opened.mailbox.id, None)
    workers.clock.now += 14 * 60
    await workers.stores[0].sweep()
    envelopes = [page async for page in mail.facts(Fact.ENVELOPE, columns.bodies)]  # type: ignore[arg-type]
    assert all(envelopes[0])
    assert await mail.read(first) == octets("gone")
    assert len(await mail.read(second)) == columns.sizes[1]
    workers.clock.now += 2 * 60
    await workers.stores[0].sweep()
    assert [page async for page in mail.facts(Fact.ENVELOPE, columns.bodies)] == [[None, None, *envelopes[0][2:]]]  # type: ignore[arg-type]
    for body in (first, second):
        assert await mail.body(body) is None
        with pytest.raises(KeyError):
            await mail.read(body)
    assert await mail.read(third) == octets("copied")
    assert list((tmp_path / "mail").glob("*/blobs/*/*")) == []


@on_loop
async def test_quota_counts_octets_and_messages_of_every_mailbox(mail: Mail) -> None:
    opened = await filled(mail, 2)
    size = len(octets("number 0"))
    await mail.set_quota(3 * size, 3)
    uids = (await mail.changes(opened.mailbox.id, ModSeq(0))).changed
    archive = (await mail.mailbox("Archive")).id
    await mail.copy(opened.mailbox.id, uids[:1], archive)
    assert await mail.usage() == Usage(3 * size, 3, 3 * size, 3)
    for job in (mail.copy(opened.mailbox.id, uids[:1], archive), mail.deliver("INBOX", message())):
        with pytest.raises(OverQuota):
            await job
    await mail.move(opened.mailbox.id, uids, archive)
    await mail.delete("Archive")
    assert await mail.usage() == Usage(0, 0, 3 * size, 3)
    with pytest.raises(OverQuota):
        await mail.append(opened.mailbox.id, [message("one that has more octets than all of them", "x" * 9)] * 3)
    await mail.set_quota(None, None)
    await mail.append(opened.mailbox.id, [message()] * 4)


@on_loop
async def test_a_spooled_file_can_be_one_of_several(mail: Mail, tmp_path: Path) -> None:
    inbox = (await mail.mailbox("INBOX")).id
    data = [octets(f"spooled {n}", "z" * 70_000) for n in range(3)]
    await mail.append(inbox, [spooled(tmp_path, one, f"s{n}") for n, one in enumerate(data)])
    opened = await mail.open("INBOX")
    assert [await mail.read(BodyId(body)) for body in opened.columns.bodies] == data
