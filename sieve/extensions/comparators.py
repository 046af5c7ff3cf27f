# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparators that scripts must require (RFC 5228, 2.7.3): numbers, and letters of all alphabets."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

from sieve.matching import by
from sieve.registry import Comparator, Extension

_NUMBER = re.compile(r"0*([0-9]*)")


def numeric(one: str, other: str) -> int:
    """RFC 4790, 9.1.1: the digits that a string begins with; one that begins with none is infinite."""
    left, right = _magnitude(one), _magnitude(other)
    return (left > right) - (left < right)


def _magnitude(text: str) -> tuple[bool, int, str]:
    """Whether it is infinite, and how large it is if not."""
    # Compared by their lengths and then as text, numbers may have any size.
    found = _NUMBER.match(text)
    digits = found[1] if found else ""
    return not text[:1].isdecimal() or not text[:1].isascii(), len(digits), digits


def unicode_fold(text: str) -> str:
    """RFC 5051, 2: title case, decomposed."""
    return text.upper() if text.isascii() else "".join(map(_titled, text))


@lru_cache(maxsize=4096)
def _titled(character: str) -> str:
    title = character.title()
    # Only mappings of one character to one other count; those of Python may be longer.
    return normalize("NFKD", title if len(title) == 1 else character)


NUMERIC = Comparator("i;ascii-numeric", None, numeric)
UNICODE_CASEMAP = Comparator("i;unicode-casemap", unicode_fold, by(unicode_fold))

EXTENSIONS = [
    Extension(f"comparator-{comparator.name}", comparators=[comparator]) for comparator in (NUMERIC, UNICODE_CASEMAP)
]
