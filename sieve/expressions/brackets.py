# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of characters in regular expressions: `[a-z_[:digit:]]` (IEEE Std 1003.1, 9.3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from string import hexdigits, punctuation
from typing import NamedTuple

from sieve.expressions.nodes import Characters, Predicate

_CLASSES: Mapping[str, Predicate] = {
    "alpha": str.isalpha,
    "alnum": str.isalnum,
    "digit": lambda character: "0" <= character <= "9",
    "xdigit": lambda character: character in hexdigits,
    "upper": str.isupper,
    "lower": str.islower,
    "space": str.isspace,
    "blank": lambda character: character in " \t",
    "punct": lambda character: character in punctuation,
    "print": str.isprintable,
    "graph": lambda character: character.isprintable() and character != " ",
    "cntrl": lambda character: character < " " or "\x7f" <= character < "\xa0",
}


class BracketError(Exception):
    """The text says what is wrong with a set."""


class Bracket(NamedTuple):
    """`end` is behind its last bracket."""

    characters: Characters
    end: int


def bracket(pattern: str, at: int) -> Bracket:
    """The set whose `[` is before `at`. Raises BracketError."""
    negated = pattern.startswith("^", at)
    first = at = at + negated
    single: set[str] = set()
    ranges: list[tuple[str, str]] = []
    classes: list[Predicate] = []
    # A ] that stands first is one of the set.
    while at == first or not pattern.startswith("]", at):
        if pattern.startswith("[:", at):
            name, at = _named(pattern, at, ":]")
            if name not in _CLASSES:
                raise BracketError(f"there is no class [:{name}:]; there are {', '.join(_CLASSES)}")
            classes.append(_CLASSES[name])
            continue
        low, at = _element(pattern, at)
        if not pattern.startswith("-", at) or pattern.startswith("-]", at):
            single.add(low)
            continue
        high, at = _element(pattern, at + 1)
        if high < low:
            raise BracketError(f"the range {low}-{high} is empty")
        ranges.append((low, high))
    return Bracket(Characters(frozenset(single), tuple(ranges), tuple(classes), negated), at + 1)


def _element(pattern: str, at: int) -> tuple[str, int]:
    """A character, and what is behind it. A backslash is nothing else here."""
    for opening, closing in (("[.", ".]"), ("[=", "=]")):
        if pattern.startswith(opening, at):
            name, at = _named(pattern, at, closing)
            if len(name) != 1:
                raise BracketError(f"{opening}{name}{closing} is no character")
            return name, at
    if at >= len(pattern):
        raise BracketError("there is no ] for a [")
    return pattern[at], at + 1


def _named(pattern: str, at: int, closing: str) -> tuple[str, int]:
    end = pattern.find(closing, at + 2)
    if end < 0:
        raise BracketError(f"there is no {closing} for {pattern[at : at + 2]}")
    return pattern[at + 2 : end], end + 2
