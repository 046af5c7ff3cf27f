# SPDX-License-Identifier: GPL-3.0-or-later
"""Robinson's way to make one probability of many, with Fisher's chi-squared test (as SpamBayes does)."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, fsum, log

UNKNOWN, STRENGTH = 0.5, 0.45
"""What a word is worth that nobody has seen, and how many messages outweigh that."""


def word_probability(spam: int, ham: int, spam_messages: int, ham_messages: int) -> float:
    """How much a word speaks for spam, 0 to 1: it was in `spam` of so many spam messages, in `ham` of the others."""
    in_spam, in_ham = min(1.0, spam / spam_messages), min(1.0, ham / ham_messages)
    seen = spam + ham
    if not in_spam and not in_ham:
        return UNKNOWN
    return (STRENGTH * UNKNOWN + seen * (in_spam / (in_spam + in_ham))) / (STRENGTH + seen)


def combined(probabilities: Sequence[float]) -> float:
    """One probability, 0 to 1, near 0.5 where the words contradict each other or say nothing."""
    if not probabilities:
        return UNKNOWN
    freedom = 2 * len(probabilities)
    spam = 1.0 - _chi2q(-2.0 * fsum([log(1.0 - one) for one in probabilities]), freedom)
    ham = 1.0 - _chi2q(-2.0 * fsum(map(log, probabilities)), freedom)
    return (1.0 + spam - ham) / 2.0


def _chi2q(chi: float, freedom: int) -> float:
    """The chance that a chi-squared value with an even number of degrees of freedom is at least `chi`."""
    half = chi / 2.0
    term = total = exp(-half)
    for step in range(1, freedom // 2):
        term *= half / step
        total += term
    return min(total, 1.0)
