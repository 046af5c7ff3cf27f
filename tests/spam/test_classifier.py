# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter of our own: what it learns, and what it makes of a corpus that writing.py makes up."""

from __future__ import annotations

from itertools import islice

import pytest

from ikserver.model.ids import BodyId
from ikserver.model.spam import Household, Lesson
from ikserver.spam.api import Examined
from ikserver.spam.chisquare import combined, word_probability
from ikserver.spam.classifier import Classifier
from ikserver.spam.tokens import numbers, tokens
from protocols.message import scan
from tests.spam.house import House
from tests.spam.letters import GTUBE
from tests.spam.writing import Letter, corpus
from tests.support import on_loop


def examined(household: Household, octets: bytes) -> Examined:
    return Examined(household, octets, scan(octets))


def lesson(body: int, letter: Letter, spam: bool | None) -> Lesson:
    found = tokens(letter.octets, scan(letter.octets))
    return Lesson(BodyId(body), frozenset(numbers(found)), spam)


async def household_of(house: House) -> Household:
    organisation = await house.directory.organisations.of_account(house.ann.id)
    return Household(house.ann.id, organisation.id)


async def wrong(house: House, judged: list[Letter]) -> tuple[int, int]:
    """Spam that got through, and good mail that was taken for spam."""
    household, filter = await household_of(house), Classifier(house.store)
    missed = lost = 0
    for letter in judged:
        verdict = await filter.judge(examined(household, letter.octets))
        missed += letter.spam and not verdict.spam
        lost += verdict.spam and not letter.spam
    return missed, lost


@pytest.mark.parametrize(("taught", "most_missed"), [(40, 50), (400, 30)])
@on_loop
async def test_a_few_reports_catch_most_spam_and_lose_no_mail(house: House, taught: int, most_missed: int) -> None:
    letters = list(corpus(1, 800))
    await house.store.learn(
        await household_of(house), [lesson(n, letter, letter.spam) for n, letter in enumerate(letters[:taught])]
    )
    missed, lost = await wrong(house, letters[400:])
    assert lost == 0
    assert missed <= most_missed


@on_loop
async def test_who_knows_nothing_says_nothing_but_the_test_message_is_spam(house: House) -> None:
    household, filter = await household_of(house), Classifier(house.store)
    verdict = await filter.judge(examined(household, b"Subject: cheap pills\r\n\r\nBuy!\r\n"))
    assert (verdict.score, verdict.spam, verdict.reasons) == (0.0, False, ("UNTAUGHT",))
    assert (await filter.judge(examined(household, f"Subject: x\r\n\r\n{GTUBE}".encode()))).spam


@on_loop
async def test_what_is_forgotten_leaves_nothing_and_nothing_counts_twice(house: House) -> None:
    household = await household_of(house)
    letters = list(islice(corpus(2, 50), 20))
    lessons = [lesson(n, letter, letter.spam) for n, letter in enumerate(letters)]
    assert await house.store.learn(household, lessons) == [None] * 20
    before = await house.store.profile(household)
    assert await house.store.learn(household, lessons) == [letter.spam for letter in letters]
    assert await house.store.profile(household) == before
    every = [token for one in lessons for token in one.tokens]
    assert all(await house.store.counts(household, every))
    await house.store.learn(household, [lesson(n, letter, None) for n, letter in enumerate(letters)])
    assert not any(await house.store.counts(household, every))
    assert (await house.store.profile(household)).own_spam == 0


@on_loop
async def test_colleagues_share_what_they_know(house: House) -> None:
    letters = list(corpus(3, 400))
    household = await household_of(house)
    await house.store.learn(household, [lesson(n, letter, letter.spam) for n, letter in enumerate(letters[:200])])
    bob = Household(house.bob.id, household.organisation)
    spam = next(letter for letter in letters[200:] if letter.spam)
    assert (await Classifier(house.store).judge(examined(bob, spam.octets))).spam


@on_loop
async def test_what_an_account_has_goes_with_it(house: House) -> None:
    household = await household_of(house)
    await house.store.learn(household, [lesson(n, letter, letter.spam) for n, letter in enumerate(corpus(4, 5))])
    await house.store.set_on(house.ann.id, False)
    await house.directory.accounts.remove(house.ann.id)
    profile = await house.store.profile(household)
    assert (profile.on, profile.own_spam, profile.own_ham) == (True, 0, 0)
    assert await house.store.learned(house.ann.id, [BodyId(0)]) == {}


def test_probabilities_stay_between_nothing_and_all() -> None:
    assert word_probability(0, 0, 10, 10) == 0.5
    assert 0.9 < word_probability(10, 0, 10, 10) < 1.0
    assert 0.0 < word_probability(0, 1, 10, 10) < 0.5
    assert combined([]) == 0.5
    assert combined([0.99] * 150) > 0.999
    assert combined([0.01] * 150) < 0.001
    assert abs(combined([0.99] * 50 + [0.01] * 50) - 0.5) < 0.01
