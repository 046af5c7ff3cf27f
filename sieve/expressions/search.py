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
    """All steps where a search can be at the same time; for each character what comes next.

    `before` is the character before, or one that is as good: a letter, a space, or "" for the beginning.
    """

    __slots__ = ("before", "numbers", "reached")

    def __init__(self, numbers: frozenset[int], before: str) -> None:
        super().__init__()
        self.numbers = numbers
        self.before = before
        self.reached: dict[str, list[int]] = {}
        """Where its steps lead, by the kind of the character behind them."""


_MATCHED = _State(frozenset(), "")


class Expression:
    """A pattern that can be looked for, from as many threads as there are.

    Characters are the same when `fold` makes the same of them. Raises PatternError.
    """

    __slots__ = ("_fold", "_memory", "_program", "_required", "_states")

    def __init__(self, pattern: str, fold: Callable[[str], str]) -> None:
        self._fold = fold
        self._program = Program(pattern)
        self._required = fold(self._program.required)
        self._states: dict[tuple[frozenset[int], str], _State] = {}
        self._memory = 0

    def matches(self, text: str, most: int, spend: Spend) -> bool:
        """Is it in the first `most` characters?"""
        if self._required not in self._fold(text):
            return False
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
        found = self._states.get((numbers, before))
        if found is None:
            self._remember(1 + len(numbers))
            found = self._states[numbers, before] = _State(numbers, before)
        return found

    def _remember(self, ways: int) -> None:
        self._memory += ways
        if self._memory > _MAX_MEMORY:
            self._states, self._memory = {}, 0

    def _following(self, state: _State, character: str, spend: Spend) -> _State:
        kind = _kind(character)
        reached = state.reached.get(kind)
        if reached is None:
            reached = state.reached[kind] = self._reached(state, kind)
            self._remember(len(reached))
        spend(1 + len(reached) // _WAYS_A_STEP)
        if reached and isinstance(self._program.steps[reached[-1]], Found):
            return _MATCHED
        return self._state(frozenset(self._read(reached, character)), kind)

    def _reached(self, state: _State, kind: str) -> list[int]:
        """Sorted, so that the end of the pattern is the last."""
        # The pattern may begin here, too.
        ways: list[Way] = [(number, ()) for number in (*state.numbers, 0)]
        return sorted(number for number, _ in self._program.follow(ways, 0, state.before, kind))

    def _read(self, numbers: Sequence[int], character: str) -> Iterator[int]:
        """Behind those that read this character; none reads the end of the text, which is ""."""
        steps, variants = self._program.steps, _variants(self._fold, character)
        for number in numbers:
            step = steps[number]
            if character and isinstance(step, Characters) and step.has(variants):
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


def _kind(character: str) -> str:
    """For assertions one is as good as another."""
    return ("a" if in_word(character) else " ") if character else ""


def _better(places: Places, best: Places | None) -> bool:
    return best is None or (places[0], -places[1]) < (best[0], -best[1])


@lru_cache(maxsize=4096)
def _variants(fold: Callable[[str], str], character: str) -> Sequence[str]:
    """The character and others of which `fold` makes the same."""
    folded = fold(character)
    others = {character.lower(), character.upper(), character.title()} - {character}
    return (character, *(other for other in others if len(other) == 1 and fold(other) == folded))


@lru_cache(maxsize=512)
def expression(pattern: str, fold: Callable[[str], str]) -> Expression:
    """Read once. Raises PatternError."""
    return Expression(pattern, fold)
