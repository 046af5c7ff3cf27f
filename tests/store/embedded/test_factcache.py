# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts in memory: used again, never wrong, never more than there is room for."""

from __future__ import annotations

import sqlite3
import sys

import pytest

from ikserver.model.ids import AccountId, BodyId
from ikserver.model.mail import DELETED, Fact
from ikserver.store.api.mail import Mail, Opened, Render
from ikserver.store.embedded import EmbeddedMailStore
from ikserver.store.embedded.mail import factcache
from ikserver.store.embedded.mail.factcache import FactCache, Kind
from tests.store.embedded.conftest import ANN
from tests.store.mails import message
from tests.support import on_loop

CHANGED = "UPDATE facts SET envelope = x'00'"


async def filled(mail: Mail, count: int) -> Opened:
    opened = await mail.open("INBOX")
    await mail.append(opened.mailbox.id, [message(f"number {n}", DELETED) for n in range(count)])
    opened.refresh()
    return opened


async def envelopes(mail: Mail, bodies: list[BodyId], render: Render | None = None) -> list[bytes | None]:
    return [value async for page in mail.facts(Fact.ENVELOPE, bodies, render) for value in page]


@on_loop
async def test_what_was_read_is_not_read_again(store: EmbeddedMailStore, database: sqlite3.Connection) -> None:
    mail = await store.mail(ANN)
    bodies = [BodyId(body) for body in (await filled(mail, 6)).columns.bodies]
    first = await envelopes(mail, bodies[2:4])
    database.execute(CHANGED)
    assert await envelopes(mail, bodies[1:5]) == [b"\0", *first, b"\0"]
    assert await envelopes(mail, bodies[::-1]) == [b"\0", b"\0", *first[::-1], b"\0", b"\0"]


@on_loop
async def test_each_rendering_is_kept_by_its_function(store: EmbeddedMailStore, database: sqlite3.Connection) -> None:
    mail = await store.mail(ANN)
    bodies = [BodyId(body) for body in (await filled(mail, 1)).columns.bodies]
    plain = await envelopes(mail, bodies)
    upper = await envelopes(mail, bodies, bytes.upper)
    database.execute(CHANGED)
    assert await envelopes(mail, bodies) == plain
    assert await envelopes(mail, bodies, bytes.upper) == upper == [value and value.upper() for value in plain]
    assert await envelopes(mail, bodies, bytes.lower) == [b"\0"]


@on_loop
async def test_what_an_older_scanner_found_is_not_kept(store: EmbeddedMailStore, database: sqlite3.Connection) -> None:
    mail = await store.mail(ANN)
    bodies = [BodyId(body) for body in (await filled(mail, 3)).columns.bodies]
    database.execute("UPDATE account SET scanner = 0")
    database.execute(CHANGED)
    assert await envelopes(mail, bodies) == [b"\0"] * 3
    await store.sweep()
    assert await envelopes(mail, bodies) == [message(f"number {n}").scan.envelope for n in range(3)]


@on_loop
async def test_nothing_of_an_erased_account_stays(store: EmbeddedMailStore) -> None:
    mail = await store.mail(ANN)
    await envelopes(mail, [BodyId(body) for body in (await filled(mail, 3)).columns.bodies])
    assert store._facts.octets
    await store.remove(ANN)
    assert store._facts.octets == 0


def test_what_was_used_least_recently_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = FactCache()
    ann, bob, cid = (Kind(AccountId(number), Fact.ENVELOPE, None) for number in (1, 2, 3))
    for kind in (ann, bob):
        cache.add(kind, {BodyId(1): b"x" * 100})
    monkeypatch.setattr(factcache, "MAX_OCTETS", cache.octets)
    assert cache.values(ann)
    cache.add(cid, {BodyId(1): b"x" * 100})
    assert [bool(cache.values(kind)) for kind in (ann, bob, cid)] == [True, False, True]
    assert cache.octets == factcache.MAX_OCTETS


def test_one_kind_that_is_too_much_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factcache, "MAX_OCTETS", 32 << 10)
    cache, kind = FactCache(), Kind(ANN, Fact.ENVELOPE, None)
    for number in range(200):
        cache.add(kind, {BodyId(number): b"x" * 100})
        assert cache.octets <= factcache.MAX_OCTETS
    assert BodyId(199) in cache.values(kind)
    assert BodyId(0) not in cache.values(kind)


@pytest.mark.parametrize("count", [1, 11, 22, 171, 342, 10_923])
def test_no_value_takes_more_room_than_is_counted(count: int) -> None:
    """The counts are those at which a dictionary has just grown."""
    cache, kind = FactCache(), Kind(ANN, Fact.ENVELOPE, None)
    for number in range(count):
        cache.add(kind, {BodyId(1_000_000 + number): b"%d" % number})
    values = cache.values(kind)
    taken = sys.getsizeof(values) + sum(sys.getsizeof(body) + sys.getsizeof(value) for body, value in values.items())
    assert taken + len(values) * 16 <= cache.octets
