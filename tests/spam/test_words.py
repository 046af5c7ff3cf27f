# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that are kept in memory: every verdict is the one that the file gives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ikserver.model.spam import Household, Verdict
from ikserver.spam.classifier import Classifier
from ikserver.store.embedded.database import connect
from ikserver.store.embedded.server_file import FILE_NAME, open_tables
from ikserver.store.embedded.spam import EmbeddedSpam
from ikserver.store.embedded.spam_words import MAX_WORDS, LearnedWords
from tests.spam.house import House
from tests.spam.test_classifier import examined, household_of, lesson
from tests.spam.writing import Letter, corpus
from tests.support import on_loop

LETTERS = list(corpus(9, 160))
TAUGHT, NEXT, JUDGED = LETTERS[:60], LETTERS[60:80], LETTERS[80:]


@dataclass
class Worker:
    """Sees of the file what another process sees; `lookups` are those of words in the file."""

    store: EmbeddedSpam
    lookups: list[str] = field(default_factory=list)

    async def verdicts(self, household: Household) -> Sequence[Verdict]:
        filter = Classifier(self.store)
        return [await filter.judge(examined(household, letter.octets)) for letter in JUDGED]

    async def teach(self, household: Household, letters: Sequence[Letter], first: int) -> None:
        await self.store.learn(household, [lesson(n, letter, letter.spam) for n, letter in enumerate(letters, first)])

    async def warm(self, household: Household) -> None:
        """Ask until the words of both owners are in memory."""
        async with asyncio.timeout(20):
            while await self.looks_up(household):
                await asyncio.sleep(0.001)

    async def looks_up(self, household: Household) -> int:
        self.lookups.clear()
        await self.store.counts(household, [1])
        return len(self.lookups)


@asynccontextmanager
async def worker(root: Path, most: int = MAX_WORDS) -> AsyncIterator[Worker]:
    with ThreadPoolExecutor(1) as threads:
        writer, reader = open_tables(root, threads, {})
        traced = connect(root / FILE_NAME, read_only=True)
        words = LearnedWords(traced, connect(root / FILE_NAME, read_only=True), threads, most)
        one = Worker(EmbeddedSpam(writer, reader, words))
        traced.set_trace_callback(one.lookups.append)
        yield one
        await one.store.close()
        traced.close()


@on_loop
async def test_verdicts_are_those_of_the_file(house: House, tmp_path: Path) -> None:
    household = await household_of(house)
    async with worker(tmp_path) as warm, worker(tmp_path, most=0) as file:
        await warm.teach(household, TAUGHT, 1)
        await warm.warm(household)
        found = await warm.verdicts(household)
        assert warm.lookups == []
        assert found == await file.verdicts(household)
        assert len(file.lookups) == 2 * len(JUDGED)
        assert {verdict.spam for verdict in found} == {True, False}


@on_loop
async def test_a_lesson_of_any_worker_counts_at_once(house: House, tmp_path: Path) -> None:
    household = await household_of(house)
    async with worker(tmp_path) as ours, worker(tmp_path) as other, worker(tmp_path, most=0) as file:
        await ours.teach(household, TAUGHT, 1)
        await ours.warm(household)
        before = await ours.verdicts(household)
        await other.teach(household, NEXT, len(TAUGHT) + 1)
        after = await ours.verdicts(household)
        assert before != after == await file.verdicts(household)
        await ours.warm(household)
        assert await ours.verdicts(household) == after
        await ours.store.learn(household, [lesson(n, letter, None) for n, letter in enumerate(NEXT, len(TAUGHT) + 1)])
        assert await ours.verdicts(household) == before


@on_loop
async def test_what_there_is_no_room_for_is_looked_up(house: House, tmp_path: Path) -> None:
    household = await household_of(house)
    size = len({token for n, letter in enumerate(TAUGHT) for token in lesson(n, letter, letter.spam).tokens})
    async with worker(tmp_path, most=size) as narrow, worker(tmp_path, most=0) as file:
        await narrow.teach(household, TAUGHT, 1)
        async with asyncio.timeout(20):
            while (lookups := await narrow.looks_up(household)) != 1:
                assert lookups == 2
                await asyncio.sleep(0.001)
        assert await narrow.verdicts(household) == await file.verdicts(household)
        assert await narrow.looks_up(household) in (1, 2)
