# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pattern becomes: steps of a machine that follows all ways at once (Thompson 1968, as Pike has it)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias, assert_never

from sieve.expressions.nodes import Assertion, Characters, Choice, Group, Node, Repeat, Sequential, required
from sieve.expressions.syntax import PatternError, Reader

MAX_STEPS = 2_000
"""Of one program; repetitions are as many times what they repeat."""


class Jump(NamedTuple):
    to: int


class Split(NamedTuple):
    """Two ways, the one that is to be preferred first."""

    first: int
    second: int


class Save(NamedTuple):
    """Where a group begins or ends: twice its number, or one more."""

    slot: int


class Found(NamedTuple):
    """The pattern has matched."""


Step: TypeAlias = Characters | Assertion | Jump | Split | Save | Found
Places: TypeAlias = tuple[int, ...]
"""What `Save` has saved, by slot; -1 for nothing."""
Way: TypeAlias = tuple[int, Places]
"""At which step it is, and what it has saved on its way there."""


class Program:
    """`groups` counts those of the pattern, group 0 is all of it. `required` stands in every text that matches."""

    def __init__(self, pattern: str) -> None:
        """Raises PatternError."""
        reader = Reader(pattern)
        node = reader.read()
        self.groups = reader.groups
        self.required = required(node)
        self.steps: list[Step] = []
        self._emit(Group(0, node))
        self._add(Found())

    def follow(self, ways: Iterable[Way], at: int, before: str, after: str) -> Iterator[Way]:
        """Where the ways lead without reading a character: to characters and to the end, the preferred one first.

        `at` is the place in the text, `before` and `after` the characters around it.
        """
        seen: set[int] = set()
        ahead = [*ways][::-1]
        while ahead:
            number, places = ahead.pop()
            if number in seen:
                continue
            seen.add(number)
            match self.steps[number]:
                case Jump(to):
                    ahead.append((to, places))
                case Split(first, second):
                    ahead += ((second, places), (first, places))
                case Save(slot):
                    ahead.append((number + 1, (*places[:slot], at, *places[slot + 1 :]) if places else places))
                case Assertion(holds):
                    if holds(before, after):
                        ahead.append((number + 1, places))
                case Characters() | Found():
                    yield number, places
                case step:
                    assert_never(step)

    def _add(self, step: Step) -> int:
        if len(self.steps) >= MAX_STEPS:
            raise PatternError("the pattern is too large")
        self.steps.append(step)
        return len(self.steps) - 1

    def _emit(self, node: Node) -> None:
        match node:
            case Characters() | Assertion():
                self._add(node)
            case Group(number, inner):
                self._add(Save(2 * number))
                self._emit(inner)
                self._add(Save(2 * number + 1))
            case Sequential(items):
                for item in items:
                    self._emit(item)
            case Choice(ways):
                self._emit_choice(ways)
            case Repeat(inner, least, most):
                self._emit_repeat(inner, least, most)
            case _:
                assert_never(node)

    def _emit_choice(self, ways: Sequence[Node]) -> None:
        jumps: list[int] = []
        for way in ways[:-1]:
            split = self._add(Jump(0))
            self._emit(way)
            jumps.append(self._add(Jump(0)))
            self.steps[split] = Split(split + 1, len(self.steps))
        self._emit(ways[-1])
        for jump in jumps:
            self.steps[jump] = Jump(len(self.steps))

    def _emit_repeat(self, inner: Node, least: int, most: int | None) -> None:
        for _ in range(least):
            self._emit(inner)
        if most is None:
            split = self._add(Jump(0))
            self._emit(inner)
            self._add(Jump(split))
            self.steps[split] = Split(split + 1, len(self.steps))
            return
        splits: list[int] = []
        for _ in range(most - least):
            splits.append(self._add(Jump(0)))
            self._emit(inner)
        for split in splits:
            self.steps[split] = Split(split + 1, len(self.steps))
