# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that needs no other program: what an address and its organisation have reported teaches it.

Where little was learned it says nothing: only the test message of all filters is spam for everybody.
"""

from __future__ import annotations

from ikserver.model.spam import Verdict
from ikserver.spam.api import Examined
from ikserver.spam.chisquare import combined, word_probability
from ikserver.spam.tokens import number, tokens
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


class Classifier:
    """Implements `Filter`. `store` holds what was learned; whoever keeps a lesson there has taught it."""

    def __init__(self, store: SpamStore) -> None:
        self._store = store

    async def judge(self, message: Examined) -> Verdict:
        if GTUBE in message.scan.search.body:
            return Verdict(GTUBE_SCORE, THRESHOLD, True, ("GTUBE",))
        profile = message.profile or await self._store.profile(message.household)
        if min(profile.spam, profile.ham) < LEARNED_ENOUGH:
            return Verdict(0.0, THRESHOLD, False, ("UNTAUGHT",))
        words = {number(token): token for token in tokens(message.octets, message.scan)}
        counts = await self._store.counts(message.household, frozenset(words))
        weighed = [
            (abs(probability - 0.5), probability, words[token])
            for token, (spam, ham) in counts.items()
            if abs((probability := word_probability(spam, ham, profile.spam, profile.ham)) - 0.5) > TELLING
        ]
        weighed.sort(reverse=True)
        return _verdict(weighed[:MAX_TELLING])

    async def teach(self, message: Examined, spam: bool | None) -> None:
        """Nothing to do: the lesson is in the store already."""


def _verdict(weighed: list[tuple[float, float, str]]) -> Verdict:
    probability = combined([one for _, one, _ in weighed])
    score = round((probability - 0.5) / (SPAM_FROM - 0.5) * THRESHOLD, 1)
    spam = score >= THRESHOLD
    for_it = [token for _, one, token in weighed if (one > 0.5) == (probability > 0.5)]
    reasons = (f"WORDS_{probability * 100:.0f}", *(f"{_shown(token)}" for token in for_it[:SHOWN]))
    return Verdict(score, THRESHOLD, spam, reasons)


def _shown(token: str) -> str:
    """As it may stand in a header field: without spaces and commas."""
    return "".join(c if c.isascii() and c.isprintable() and c not in ' ,()"\\' else "_" for c in token)[:40]
