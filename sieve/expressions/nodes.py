# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pattern consists of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

Predicate: TypeAlias = Callable[[str], bool]


class Characters(NamedTuple):
    """One character of a set, or with `negated` of all others."""

    single: frozenset[str] = frozenset()
    ranges: Sequence[tuple[str, str]] = ()
    classes: Sequence[Predicate] = ()
    negated: bool = False

    def has(self, variants: Sequence[str]) -> bool:
        """Is it a character of which these are all the variants?"""
        return self._lists(variants) is not self.negated

    def _lists(self, variants: Sequence[str]) -> bool:
        return (
            not self.single.isdisjoint(variants)
            or any(low <= one <= high for low, high in self.ranges for one in variants)
            or any(is_in(one) for is_in in self.classes for one in variants)
        )


class Assertion(NamedTuple):
    """A place in the text: `holds(before, after)` of the characters around it, "" for none."""

    holds: Callable[[str, str], bool]


class Group(NamedTuple):
    """Numbered from 1, in the order of their opening parentheses."""

    number: int
    inner: Node


class Sequential(NamedTuple):
    """One behind the other."""

    items: Sequence[Node]


class Choice(NamedTuple):
    """One or the other."""

    ways: Sequence[Node]


class Repeat(NamedTuple):
    """At least and at most so often; None: without end."""

    inner: Node
    least: int
    most: int | None


Node: TypeAlias = Characters | Assertion | Group | Sequential | Choice | Repeat


def in_word(character: str) -> bool:
    """What `\\w` is."""
    return character.isalnum() or character == "_"


def required(node: Node) -> str:
    """Characters that stand one behind the other in every text that matches; the longest ones that are easily found."""
    match node:
        case Group(_, inner):
            return required(inner)
        case Repeat(inner, least) if least:
            return required(inner)
        case Sequential(items):
            return max(_runs(items), key=len)
        case Characters(single=single, ranges=(), classes=(), negated=False) if len(single) == 1:
            return next(iter(single))
    return ""


def _runs(items: Sequence[Node]) -> list[str]:
    """Characters that are neighbours, together."""
    runs = [""]
    for item in items:
        found = required(item)
        if isinstance(item, Characters) and found:
            runs[-1] += found
        else:
            runs += (found, "")
    return runs
