# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pattern consists of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Predicate: TypeAlias = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Characters:
    """One character of a set. `variants` of a character are those that count as the same."""

    ranges: Sequence[tuple[str, str]]
    classes: Sequence[Predicate]
    negated: bool
    variants: Callable[[str], Sequence[str]]

    def has(self, character: str) -> bool:
        """Never the end of the text, which is ""."""
        return bool(character) and any(map(self._lists, self.variants(character))) is not self.negated

    def _lists(self, character: str) -> bool:
        return any(low <= character <= high for low, high in self.ranges) or any(
            is_in(character) for is_in in self.classes
        )


@dataclass(frozen=True, slots=True)
class Assertion:
    """A place in the text: `holds(before, after)` of the characters around it, "" for none."""

    holds: Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Group:
    """Numbered from 1, in the order of their opening parentheses."""

    number: int
    inner: Node


@dataclass(frozen=True, slots=True)
class Sequential:
    """One behind the other."""

    items: Sequence[Node]


@dataclass(frozen=True, slots=True)
class Choice:
    """One or the other."""

    ways: Sequence[Node]


@dataclass(frozen=True, slots=True)
class Repeat:
    """At least and at most so often; None: without end."""

    inner: Node
    least: int
    most: int | None


Node: TypeAlias = Characters | Assertion | Group | Sequential | Choice | Repeat


def in_word(character: str) -> bool:
    """What `\\w` is."""
    return character.isalnum() or character == "_"
