# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain messages of an exact-enough size, no two alike, with words as unevenly spread as people's are."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate, product

import dkim

SYLLABLES = ("ba", "den", "ki", "lor", "me", "nu", "ra", "sto", "ti", "ver", "wa", "zel")
WORDS = tuple("".join(parts) for parts in product(SYLLABLES, repeat=3))
WEIGHTS = tuple(accumulate(1 / rank for rank in range(1, len(WORDS) + 1)))
"""The second word is half as frequent as the first, and so on (Zipf)."""
WORDS_A_LINE = 8
SIGNED = 200
DOMAIN, SELECTOR = "example.org", "bench"
"""Where the messages come from, and the name of the key that signs them."""


def _lines(count: int) -> list[bytes]:
    dice = random.Random(5)
    words = dice.sample(WORDS, len(WORDS))
    lines = (dice.choices(words, cum_weights=WEIGHTS, k=WORDS_A_LINE) for _ in range(count))
    return [f"{' '.join(line)}\r\n".encode() for line in lines]


LINES = _lines(4001)


def mail(size: int, number: int) -> bytes:
    """Return a message of at most `size` octets and at least `size` - 80; the number makes it unlike the others."""
    head = (
        f"From: Sender <s{number % 50}@{DOMAIN}>\r\nTo: <u@bench.test>\r\nSubject: load {number}\r\n"
        f"Message-ID: <l{number}.{size}@{DOMAIN}>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    ).encode()
    parts, room, line = [head], size - len(head), number * 31
    while (text := LINES[line % len(LINES)]) and len(text) <= room:
        parts.append(text)
        room -= len(text)
        line += 1
    return b"".join(parts)


def signed(size: int, key: bytes, count: int = SIGNED) -> Sequence[bytes]:
    """Return so many messages with a DKIM signature of this RSA key (PEM), as dkimpy makes them."""
    return [_signed(mail(size, number), key) for number in range(count)]


def _signed(message: bytes, key: bytes) -> bytes:
    methods = (b"relaxed", b"relaxed")
    headers = [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"MIME-Version", b"Content-Type"]
    field = dkim.sign(message, SELECTOR.encode(), DOMAIN.encode(), key, canonicalize=methods, include_headers=headers)
    return bytes(field + message)
