# SPDX-License-Identifier: GPL-3.0-or-later
"""How a value is compared with keys: a comparator and a match type together (RFC 5228, 2.7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from sieve.registry import Comparator, MatchType

if TYPE_CHECKING:
    from sieve.run import Run

_UPPER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
CHARACTERS_A_STEP = 1_000


Finder: TypeAlias = Callable[[str], Sequence[str] | None]
"""Of a value: the match variables, or None when no key matches it."""


class Matching:
    """`relation` is the argument of a match type that has one; `remembers`: matches set match variables."""

    __slots__ = ("_prepared", "comparator", "relation", "remembers", "type")

    def __init__(
        self, type: MatchType, comparator: Comparator, relation: str | None = None, remembers: bool = False
    ) -> None:
        self.type = type
        self.comparator = comparator
        self.relation = relation
        self.remembers = remembers
        self._prepared: tuple[Sequence[str], Finder] | None = None

    def holds(self, run: Run, keys: Sequence[str], values: Iterable[str]) -> bool:
        """True at the first value, in their order, that one of the keys matches."""
        if self.type.counts:
            values = [str(sum(1 for _ in values))]
        find = self._finder(keys) if self.type.search is None else self._searching(self.type.search, run, keys)
        for value in values:
            run.spend(len(keys) + len(value) // CHARACTERS_A_STEP)
            found = find(value)
            if found is not None:
                if self.remembers and found:
                    run.match_variables = found
                return True
        return False

    def _finder(self, keys: Sequence[str]) -> Finder:
        # Keys without variables are the same list each time; the pair is replaced as one, whatever thread does it.
        prepared = self._prepared
        if prepared is None or prepared[0] is not keys:
            prepare = self.type.prepare or self._one_by_one
            prepared = self._prepared = (keys, prepare(self.comparator, keys))
        return prepared[1]

    def _one_by_one(self, comparator: Comparator, keys: Sequence[str]) -> Finder:
        match = self.type.match
        more = () if self.relation is None else (self.relation,)
        return _first(keys, lambda value, key: match(comparator, value, key, *more))

    def _searching(
        self, search: Callable[[Run, Matching, str, str], Sequence[str] | None], run: Run, keys: Sequence[str]
    ) -> Finder:
        return _first(keys, lambda value, key: search(run, self, value, key))


def _first(keys: Sequence[str], match: Callable[[str, str], Sequence[str] | None]) -> Finder:
    """Of the keys, the first that matches."""

    def find(value: str) -> Sequence[str] | None:
        for key in keys:
            found = match(value, key)
            if found is not None:
                return found
        return None

    return find


def is_(comparator: Comparator, value: str, key: str) -> Sequence[str] | None:
    """RFC 5228, 2.7.1. A comparator without parts compares by its order."""
    if comparator.fold is None:
        return () if comparator.order(value, key) == 0 else None
    return () if comparator.fold(value) == comparator.fold(key) else None


def contains(comparator: Comparator, value: str, key: str) -> Sequence[str] | None:
    """RFC 5228, 2.7.1."""
    fold = _fold(comparator)
    return () if fold(key) in fold(value) else None


def prepare_is(comparator: Comparator, keys: Sequence[str]) -> Finder:
    """`is_` for many values."""
    fold = comparator.fold
    if fold is None:
        return lambda value: () if any(comparator.order(value, key) == 0 for key in keys) else None
    wanted = frozenset(map(fold, keys))
    return lambda value: () if fold(value) in wanted else None


def prepare_contains(comparator: Comparator, keys: Sequence[str]) -> Finder:
    """`contains` for many values."""
    fold = _fold(comparator)
    wanted = [fold(key) for key in keys]
    if len(wanted) == 1:
        key = wanted[0]
        return lambda value: () if key in fold(value) else None

    def find(value: str) -> Sequence[str] | None:
        folded = fold(value)
        return () if any([key in folded for key in wanted]) else None

    return find


def matches(comparator: Comparator, value: str, key: str) -> Sequence[str] | None:
    """RFC 5228, 2.7.1: `*` and `?`. The whole value and what each wildcard stands for, as little as goes."""
    fold = _fold(comparator)
    folded = fold(value)
    spans = glob(fold(key)).spans(folded)
    if spans is None:
        return None
    # Only a fold that changes lengths makes places in one string mean nothing in the other.
    text = value if len(folded) == len(value) else folded
    return (value, *(text[start:end] for start, end in spans))


def ascii_fold(text: str) -> str:
    """RFC 4790, 9.2: letters of ASCII only."""
    return text.lower() if text.isascii() else text.translate(_UPPER)


def identity(text: str) -> str:
    return text


def by(fold: Callable[[str], str]) -> Callable[[str, str], int]:
    """The order of the octets of folded strings (RFC 4790, 9.3)."""

    def order(one: str, other: str) -> int:
        left, right = _octets(fold(one)), _octets(fold(other))
        return (left > right) - (left < right)

    return order


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _fold(comparator: Comparator) -> Callable[[str], str]:
    if comparator.fold is None:
        raise TypeError(f"{comparator.name} has no parts of strings")
    return comparator.fold


OCTET = Comparator("i;octet", identity, by(identity))
ASCII_CASEMAP = Comparator("i;ascii-casemap", ascii_fold, by(ascii_fold))


class Glob:
    """A pattern, cut at its stars: each piece has a fixed length, so to find them one after the other is enough."""

    __slots__ = ("_pieces",)

    def __init__(self, pattern: str) -> None:
        self._pieces = [_Piece(piece) for piece in _cut(pattern)]

    def spans(self, text: str) -> list[tuple[int, int]] | None:
        """What each wildcard stands for, in order; None when the pattern does not match all of the text."""
        first, *middle = self._pieces
        if not first.at(text, 0):
            return None
        found, end = first.wildcards(0), first.size
        if not middle:
            return found if end == len(text) else None
        *middle, last = middle
        for piece in middle:
            start = piece.find(text, end)
            if start < 0:
                return None
            found += [(end, start), *piece.wildcards(start)]
            end = start + piece.size
        start = len(text) - last.size
        if start < end or not last.at(text, start):
            return None
        return [*found, (end, start), *last.wildcards(start)]


class _Piece:
    """What stands between two stars: characters and question marks (None)."""

    __slots__ = ("_any", "_search", "size")

    def __init__(self, characters: Sequence[str | None]) -> None:
        self.size = len(characters)
        self._any = [place for place, character in enumerate(characters) if character is None]
        pattern = "".join("." if character is None else re.escape(character) for character in characters)
        self._search = re.compile(pattern, re.DOTALL)

    def at(self, text: str, start: int) -> bool:
        return self._search.match(text, start) is not None

    def find(self, text: str, start: int) -> int:
        found = self._search.search(text, start)
        return found.start() if found else -1

    def wildcards(self, start: int) -> list[tuple[int, int]]:
        return [(start + place, start + place + 1) for place in self._any]


@lru_cache(maxsize=4096)
def glob(pattern: str) -> Glob:
    """Compiled once."""
    return Glob(pattern)


def _cut(pattern: str) -> list[list[str | None]]:
    """At its stars; a backslash takes the meaning of the next character away."""
    pieces: list[list[str | None]] = [[]]
    characters = iter(pattern)
    for character in characters:
        match character:
            case "*":
                pieces.append([])
            case "?":
                pieces[-1].append(None)
            case "\\":
                pieces[-1].append(next(characters, "\\"))
            case _:
                pieces[-1].append(character)
    return pieces
