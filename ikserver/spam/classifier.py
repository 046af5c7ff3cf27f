# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that needs no other program: what an address and its organisation have reported teaches it.

Where little was learned it says nothing: only the test message of all filters is spam for everybody.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice

from ikserver.model.spam import Verdict
from ikserver.spam.api import Examined
from ikserver.spam.chisquare import combined, word_probability
from ikserver.spam.tokens import numbers, tokens
from ikserver.store.api.spam import SpamStore

THRESHOLD = 5.0
GTUBE = "xjs*c4jdbqadn1.nsbn3*2idnen*gtube-standard-anti-ube-test-email*c.34x"
"""The text that every filter takes for spam, as SearchText has it: in lower case."""
GTUBE_SCORE = 1000.0
LEARNED_ENOUGH = 4
"""Messages of each kind, each counted for the address and for its organisation: two reports at least."""
TELLING = 0.1
"""A word that is nearer to even says nothing."""
MAX_TELLING = 150
SPAM_FROM = 0.8
"""The probability that reaches the threshold; one half is no points."""
SHOWN = 3
MAX_KEPT = 32
"""Households whose probabilities are remembered: numbers of learned messages, that is."""

_UNFIT = re.compile(r'[^!-~]|[,()"\\]')


class Classifier:
    """Implements `Filter`. `store` holds what was learned; whoever keeps a lesson there has taught it."""

    def __init__(self, store: SpamStore) -> None:
        self._store = store
        self._probabilities = lru_cache(MAX_KEPT)(_Probabilities)

    async def judge(self, message: Examined) -> Verdict:
        if GTUBE in message.scan.search.body:
            return Verdict(GTUBE_SCORE, THRESHOLD, True, ("GTUBE",))
        profile = message.profile or await self._store.profile(message.household)
        if min(profile.spam, profile.ham) < LEARNED_ENOUGH:
            return Verdict(0.0, THRESHOLD, False, ("UNTAUGHT",))
        found = tokens(message.octets, message.scan)
        words = dict(zip(numbers(found), found, strict=True))
        counts = await self._store.counts(message.household, list(words))
        probabilities = self._probabilities(profile.spam, profile.ham)
        return _verdict(_telling(words.values(), map(probabilities.__getitem__, counts)))

    async def teach(self, message: Examined, spam: bool | None) -> None:
        """Nothing to do: the lesson is in the store already."""


def _telling(words: Iterable[str], probabilities: Iterable[float]) -> Mapping[float, Sequence[str]]:
    """Words by their probability, the most telling ones first."""
    found: defaultdict[float, list[str]] = defaultdict(list)
    for word, probability in zip(words, probabilities, strict=True):
        found[probability].append(word)
    telling = sorted(((abs(one - 0.5), one) for one in found if abs(one - 0.5) > TELLING), reverse=True)
    return {one: found[one] for _, one in telling}


class _Probabilities(dict[int, float]):
    """By count, as the store gives it, of words in so many messages: few words differ in how often they were seen."""

    def __init__(self, spam: int, ham: int) -> None:
        self._spam = spam
        self._ham = ham

    def __missing__(self, count: int) -> float:
        found = self[count] = word_probability(count >> 32, count & 0xFFFF_FFFF, self._spam, self._ham)
        return found


def _verdict(telling: Mapping[float, Sequence[str]]) -> Verdict:
    each = chain.from_iterable([one] * len(words) for one, words in telling.items())
    probability = combined(list(islice(each, MAX_TELLING)))
    score = round((probability - 0.5) / (SPAM_FROM - 0.5) * THRESHOLD, 1)
    spam = score >= THRESHOLD
    for_it = (words for one, words in telling.items() if (one > 0.5) == (probability > 0.5))
    strongest = chain.from_iterable(sorted(words, reverse=True) for words in for_it)
    reasons = (f"WORDS_{probability * 100:.0f}", *map(_shown, islice(strongest, SHOWN)))
    return Verdict(score, THRESHOLD, spam, reasons)


def _shown(token: str) -> str:
    """As it may stand in a header field: without spaces and commas."""
    return _UNFIT.sub("_", token[:40])
