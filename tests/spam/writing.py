# SPDX-License-Identifier: GPL-3.0-or-later
"""A corpus of made-up mail, always the same for a seed.

Good mail is letters, work, receipts and newsletters; spam is pills, lotteries, phishing and coins. Each message draws
most of its words from a pool that all kinds share and some from that of its kind; one in five spams pads itself with
words of good mail, one in ten good ones speaks of money as spam does. Real mail is harder: figures of this corpus say
that the arithmetic is right, not how well the filter does in the world.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WORDS = tomllib.loads((Path(__file__).parent / "words.toml").read_text())
SHARED = WORDS["shared"].split()
GOOD = {kind: words.split() for kind, words in WORDS["good"].items()}
BAD = {kind: words.split() for kind, words in WORDS["bad"].items()}


@dataclass(frozen=True, slots=True)
class Letter:
    octets: bytes
    spam: bool


def corpus(seed: int, size: int) -> Iterator[Letter]:
    """Half of it spam, mixed."""
    dice = random.Random(seed)
    for number in range(size):
        spam = dice.random() < 0.5
        kind, words = dice.choice(list((BAD if spam else GOOD).items()))
        text = dice.choices(SHARED, k=dice.randint(30, 80)) + dice.choices(words, k=dice.randint(6, 16))
        other = dice.choice(list((GOOD if spam else BAD).values()))
        if dice.random() < (0.2 if spam else 0.1):
            text += dice.choices(other, k=dice.randint(2, 6))
        dice.shuffle(text)
        yield Letter(_message(dice, number, kind, text, spam), spam)


def _message(dice: random.Random, number: int, kind: str, text: list[str], spam: bool) -> bytes:
    host = f"{kind}{dice.randint(1, 400 if spam else 12)}.test"
    link = f"http://{host}/{number}" if dice.random() < 0.5 else ""
    head = f"From: someone{dice.randint(1, 9)}@{host}\r\nSubject: {' '.join(text[:4])}\r\nMIME-Version: 1.0\r\n"
    return f"{head}Content-Type: text/plain\r\n\r\n{' '.join(text[4:])}\r\n{link}\r\n".encode()
