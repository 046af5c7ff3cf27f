# SPDX-License-Identifier: GPL-3.0-or-later
"""SEARCH against a brute-force oracle, and the cases that are easy to get wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import date
from threading import Thread
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ikserver.changes import Changes
from ikserver.model.ids import AccountId, ModSeq, Uid
from ikserver.model.mail import ANSWERED, DELETED, FLAGGED, SEEN, Flags, NewMessage
from ikserver.model.search import (
    All,
    And,
    Contains,
    Field,
    HasFlag,
    HeaderContains,
    InternalDate,
    InternalDay,
    ModSeqFrom,
    Not,
    Or,
    Query,
    SentDay,
    SizeIn,
    UidIn,
)
from ikserver.store.api.mail import Mail, MailStore, Opened
from ikserver.store.embedded import open_mail_store
from protocols.message import normalise
from tests.store.contract.conftest import Workers
from tests.store.mails import message, octets
from tests.support import on_loop

WORDS = ["apple", "Äpfel", "会議", "straße", "zebra crossing", "a", "x-ray"]
DAY = 86_400
T = TypeVar("T")
Criterion = HasFlag | UidIn | SizeIn | InternalDate | InternalDay | SentDay | ModSeqFrom


@dataclass(frozen=True)
class Stored:
    """A message with what the oracle has to know of it."""

    message: NewMessage
    uid: int
    modseq: int
    size: int


class OtherLoop:
    """An event loop in a thread: Hypothesis calls from the reactor's thread and waits there."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(frozen=True, repr=False)
class Box:
    loop: OtherLoop
    mail: Mail
    opened: Opened
    stored: list[Stored]

    def rows(self, query: Query) -> list[int]:
        return list(self.loop.run(self.mail.search(self.opened, query)))

    def oracle(self, query: Query) -> list[int]:
        return [row for row, stored in enumerate(self.stored) if matches(query, stored)]


def matches(query: Query, stored: Stored) -> bool:
    """Straight from the definitions of model/search.py."""
    match query:
        case All():
            return True
        case And(parts):
            return all(matches(part, stored) for part in parts)
        case Or(parts):
            return any(matches(part, stored) for part in parts)
        case Not(inner):
            return not matches(inner, stored)
        case Contains(field, needle):
            return contains(field, normalise(needle), stored.message)
        case HeaderContains(name, needle):
            lines = [line.partition(": ") for line in stored.message.scan.search.headers.split("\n")]
            return any(key == name.lower() and normalise(needle) in value for key, _, value in lines)
        case criterion:
            return meets(criterion, stored)


def meets(criterion: Criterion, stored: Stored) -> bool:
    local = stored.message.internal_date + 60 * stored.message.zone
    match criterion:
        case HasFlag(flag):
            return flag.lower() in {one.lower() for one in stored.message.flags}
        case UidIn(uids):
            return stored.uid in uids
        case SizeIn(above, below):
            return (above is None or stored.size > above) and (below is None or stored.size < below)
        case InternalDate(since, before):
            return within(stored.message.internal_date, since, before)
        case InternalDay(since, before):
            return within(date(1970, 1, 1).toordinal() + local // DAY, since, before)
        case SentDay(since, before):
            day = stored.message.scan.sent_day
            return day is not None and within(day, since, before)
        case ModSeqFrom(modseq):
            return stored.modseq >= modseq


def within(value: int, since: int | None, before: int | None) -> bool:
    return (since is None or value >= since) and (before is None or value < before)


def contains(field: Field, needle: str, stored: NewMessage) -> bool:
    text = stored.scan.search
    present = [line.partition(":")[0] for line in text.headers.split("\n")]
    match field:
        case Field.BODY:
            return needle in text.body
        case Field.TEXT:
            return needle in text.body or any(needle in line for line in text.headers.split("\n"))
        case _:
            held = {Field.SUBJECT: text.subject, Field.FROM: text.from_, Field.TO: text.to, Field.CC: text.cc}
            return needle in held.get(field, text.bcc) if needle else field.value in present


def messages() -> Iterator[NewMessage]:
    flags: list[Flags] = [frozenset(), frozenset({SEEN}), frozenset({SEEN, FLAGGED}), frozenset({ANSWERED, "$Label"})]
    for n in range(44):
        word, other = WORDS[n % len(WORDS)], WORDS[n * 3 % len(WORDS)]
        more = f"Date: {1 + n % 28} Nov 2026 12:00:00 +0000\n" if n % 3 else ""
        more += f"Cc: {word} <cc{n}@example.com>\n" if n % 4 == 0 else ""
        more += f"X-Note: {other}\n" if n % 5 == 0 else "X-Note:\n"
        data = octets(f"{word} {n}", f"{other}\n{word * (n % 3)}", sender=f"s{n % 6}@example.org", more=more)
        yield message(data, *flags[n % 4], date=1_790_000_000 + n * DAY // 3, zone=(-720, 0, 840)[n % 3])


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """Forty messages in pages of eight and four in rows of their own: both forms of texts are searched."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ikserver.store.embedded.mail.packing.MAX_BODIES", 8)
        loop = OtherLoop()
        store = open_mail_store(tmp_path_factory.mktemp("search"), Changes())
        yield loop.run(filled(loop, store))
        loop.run(store.close())
        loop.stop()


async def filled(loop: OtherLoop, store: MailStore) -> Box:
    mail = await store.mail(AccountId(1))
    opened = await mail.open("INBOX")
    new = list(messages())
    for one in new:
        await mail.append(opened.mailbox.id, [one])
    await store.sweep()
    opened.refresh()
    rows = zip(new, opened.columns.uids, opened.columns.modseqs, opened.columns.sizes, strict=True)
    return Box(loop, mail, opened, [Stored(*row) for row in rows])


def pairs(low: int, high: int) -> st.SearchStrategy[tuple[int | None, int | None]]:
    return st.tuples(st.none() | st.integers(low, high), st.none() | st.integers(low, high))


def of(kind: Callable[[int | None, int | None], Query], low: int, high: int) -> st.SearchStrategy[Query]:
    return pairs(low, high).map(lambda pair: kind(*pair))


NEEDLES = st.sampled_from(["", "PPL", "äpf", "会", "STRASSE", "zebra  c", "s1@", "example", "a", "7", "nowhere", " "])
NOVEMBER = date(2026, 11, 1).toordinal()
LEAVES: st.SearchStrategy[Query] = st.one_of(
    st.just(All()),
    st.builds(Contains, st.sampled_from(list(Field)), NEEDLES),
    st.builds(HeaderContains, st.sampled_from(["X-Note", "subject", "CC", "none"]), NEEDLES),
    st.builds(HasFlag, st.sampled_from([SEEN, "$LABEL", "other"])),
    st.lists(st.integers(1, 50).map(Uid)).map(UidIn),
    of(SizeIn, 200, 400),
    of(InternalDate, 1_790_000_000, 1_790_000_000 + 15 * DAY),
    of(InternalDay, 739_000, 739_900) | of(InternalDay, 740_150, 740_170),
    of(SentDay, NOVEMBER, NOVEMBER + 30),
    st.integers(1, 60).map(ModSeq).map(ModSeqFrom),
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple).map(And),
        st.lists(inner, max_size=3).map(tuple).map(Or),
        inner.map(Not),
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(QUERIES)
def test_every_search_finds_what_the_oracle_finds(box: Box, query: Query) -> None:
    assert box.rows(query) == box.oracle(query)


@pytest.mark.parametrize(
    ("query", "number"),
    [
        (Contains(Field.SUBJECT, "APPLE"), 7),
        (Contains(Field.SUBJECT, "A\u0308PFEL"), 7),
        (Contains(Field.SUBJECT, "STRASSE"), 6),
        (Contains(Field.SUBJECT, "議"), 6),
        (Contains(Field.FROM, "ann <s3@example.org>"), 7),
        (Contains(Field.CC, ""), 11),
        (Contains(Field.BCC, ""), 0),
        (HeaderContains("x-note", ""), 44),
    ],
)
def test_a_search_is_for_substrings_in_any_language_and_case(box: Box, query: Query, number: int) -> None:
    assert len(box.rows(query)) == number
    assert box.rows(query) == box.oracle(query)


@on_loop
async def test_text_beyond_what_is_kept_is_found(mail: Mail) -> None:
    opened = await mail.open("INBOX")
    long = octets("long", "word " * 60_000 + "needle in the haystack")
    assert not message(long).scan.search.body_complete
    await mail.append(
        opened.mailbox.id, [message("short"), message(long), message(octets("also long", "word " * 60_000))]
    )
    opened.refresh()
    assert list(await mail.search(opened, Contains(Field.BODY, "NEEDLE in"))) == [1]
    assert list(await mail.search(opened, Contains(Field.TEXT, "haystack"))) == [1]
    assert list(await mail.search(opened, Not(Contains(Field.BODY, "needle")))) == [0, 2]


@on_loop
async def test_copies_and_swept_bodies_do_not_confuse_a_search(
    mail: Mail, store: MailStore, monkeypatch: pytest.MonkeyPatch, workers: Workers
) -> None:
    monkeypatch.setattr("ikserver.store.embedded.mail.packing.MAX_BODIES", 4)
    opened = await mail.open("INBOX")
    await mail.append(
        opened.mailbox.id, [message(f"word {n}", DELETED) if n % 2 else message(f"word {n}") for n in range(8)]
    )
    await mail.copy(opened.mailbox.id, [Uid(1)], opened.mailbox.id)
    await store.sweep()
    await mail.expunge(opened.mailbox.id, None)
    workers.clock.now += 3600
    await store.sweep()
    opened.refresh()
    assert [opened.columns.uids[row] for row in await mail.search(opened, Contains(Field.SUBJECT, "word"))] == [
        1,
        3,
        5,
        7,
        9,
    ]
    assert [opened.columns.uids[row] for row in await mail.search(opened, Contains(Field.SUBJECT, "word 0"))] == [1, 9]
