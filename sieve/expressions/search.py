# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for patterns in texts: whether one is there takes a look-up a character, and where it is a little more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

from sieve.expressions.nodes import Characters, in_word
from sieve.expressions.program import Found, Places, Program, Way

_MAX_MEMORY = 5_000
"""Ways that the states of one pattern remember; then they are forgotten, and built again as they are needed."""
_WAYS_A_STEP = 2

Spend = Callable[[int], None]
"""Is told what a search costs, and may stop it with an exception of its own."""


class _State(dict[str, "_State"]):
    """All places of a pattern where a search can be at the same time; for each character what comes next."""

    __slots__ = ("before", "numbers")

    def __init__(self, numbers: frozenset[int], before: str) -> None:
        super().__init__()
        self.numbers = numbers
        self.before = before


_MATCHED = _State(frozenset(), "")


class Expression:
    """A pattern that can be looked for, from as many threads as there are."""

    __slots__ = ("_memory", "_program", "_states")

    def __init__(self, program: Program) -> None:
        self._program = program
        self._states: dict[tuple[frozenset[int], str], _State] = {}
        self._memory = 0

    def matches(self, text: str, most: int, spend: Spend) -> bool:
        """Is it in the first `most` characters?"""
        state = self._state(frozenset(), "")
        for character in _characters(text, most):
            following = state.get(character)
            if following is None:
                following = state[character] = self._following(state, character, spend)
            if following is _MATCHED:
                return True
            state = following
        return False

    def groups(self, text: str, most: int, spend: Spend) -> Sequence[str] | None:
        """What all of it and each group stand for, "" for a group that took no part; None when it is not there.

        It is where it begins first, and of these the longest (IEEE Std 1003.1, 9.1); groups may share that in several
        ways, and then the alternative that is written first goes first, and repetitions take what they can.
        """
        places = self._places(text, most, spend)
        if places is None:
            return None
        return [text[start:end] if end >= 0 else "" for start, end in zip(places[::2], places[1::2], strict=True)]

    def _state(self, numbers: frozenset[int], before: str) -> _State:
        """`before` is the last character, or one that is as good: a letter, a space, or "" for the beginning."""
        kind = ("a" if in_word(before) else " ") if before else ""
        found = self._states.get((numbers, kind))
        if found is None:
            self._memory += 1 + len(numbers)
            if self._memory > _MAX_MEMORY:
                self._states, self._memory = {}, 0
            found = self._states[numbers, kind] = _State(numbers, kind)
        return found

    def _following(self, state: _State, character: str, spend: Spend) -> _State:
        steps = self._program.steps
        # The pattern may begin here, too.
        ways: list[Way] = [(number, ()) for number in (*state.numbers, 0)]
        reached = [number for number, _ in self._program.follow(ways, 0, state.before, character)]
        spend(1 + len(reached) // _WAYS_A_STEP)
        if any(isinstance(steps[number], Found) for number in reached):
            return _MATCHED
        return self._state(frozenset(self._read(reached, character)), character)

    def _read(self, numbers: Sequence[int], character: str) -> Iterator[int]:
        for number in numbers:
            step = self._program.steps[number]
            if isinstance(step, Characters) and step.has(character):
                yield number + 1

    def _places(self, text: str, most: int, spend: Spend) -> Places | None:
        best: Places | None = None
        nothing = (-1,) * (2 * self._program.groups + 2)
        ways: list[Way] = []
        before = ""
        for at, character in enumerate(_characters(text, most)):
            if best is None:
                ways.append((0, nothing))
            reached = list(self._program.follow(ways, at, before, character))
            spend(1 + len(reached) // _WAYS_A_STEP)
            for number, places in reached:
                if isinstance(self._program.steps[number], Found) and _better(places, best):
                    best = places
            ways = [
                (following, places)
                for number, places in reached
                if best is None or places[0] <= best[0]
                for following in self._read((number,), character)
            ]
            if best is not None and not ways:
                break
            before = character
        return best


def _characters(text: str, most: int) -> Iterator[str]:
    """Those that are looked at, and then what is behind them: "" at the end of the text."""
    return chain(text, ("",)) if len(text) <= most else iter(text[: most + 1])


def _better(places: Places, best: Places | None) -> bool:
    return best is None or (places[0], -places[1]) < (best[0], -best[1])


@lru_cache(maxsize=512)
def expression(pattern: str, fold: Callable[[str], str]) -> Expression:
    """A pattern, read once. Characters are the same when `fold` makes the same of them. Raises PatternError."""

    def variants(character: str) -> Sequence[str]:
        others = {character.lower(), character.upper(), character.title()}
        folded = fold(character)
        return (character, *(other for other in others if len(other) == 1 and fold(other) == folded))

    return Expression(Program(pattern, variants))
