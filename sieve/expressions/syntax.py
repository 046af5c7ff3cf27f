# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads extended regular expressions (IEEE Std 1003.1, 9.4), with the `\\w` and `\\b` that people are used to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sieve.expressions.brackets import BracketError, bracket
from sieve.expressions.nodes import (
    Assertion,
    Characters,
    Choice,
    Group,
    Node,
    Predicate,
    Repeat,
    Sequential,
    in_word,
)

MAX_NESTING = 30
MAX_REPEAT = 255
_MAX_QUANTIFIERS = 3
"""Of one atom."""

_INTERVAL = re.compile(r"\{(\d{1,4})(,(\d{1,4})?)?\}", re.ASCII)
_QUANTIFIERS: Mapping[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_CLASSES: Mapping[str, Predicate] = {"w": in_word, "s": str.isspace, "d": lambda character: "0" <= character <= "9"}
_ASSERTIONS: Mapping[str, Callable[[str, str], bool]] = {
    "^": lambda before, after: not before,
    "$": lambda before, after: not after,
    "\\b": lambda before, after: in_word(before) is not in_word(after),
    "\\B": lambda before, after: in_word(before) is in_word(after),
    "\\<": lambda before, after: not in_word(before) and in_word(after),
    "\\>": lambda before, after: in_word(before) and not in_word(after),
}


class PatternError(Exception):
    """The text says what is wrong with a pattern."""


class Reader:
    """Of one pattern. `groups` is how many it has, once it is read."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._nesting = 0
        self.groups = 0

    def read(self) -> Node:
        """All of it. Raises PatternError."""
        node = self._choice()
        if self._at < len(self._pattern):
            raise PatternError("there is no ( for this )")
        return node

    def _next(self) -> str:
        """The character that is read next; "" at the end."""
        return self._pattern[self._at : self._at + 1]

    def _choice(self) -> Node:
        ways = [self._sequence()]
        while self._next() == "|":
            self._at += 1
            ways.append(self._sequence())
        return ways[0] if len(ways) == 1 else Choice(ways)

    def _sequence(self) -> Node:
        items: list[Node] = []
        while self._next() not in ("", "|", ")"):
            items.append(self._repeated(self._atom()))
        return Sequential(items)

    def _repeated(self, node: Node) -> Node:
        for _ in range(_MAX_QUANTIFIERS + 1):
            times = self._quantifier()
            if times is None:
                return node
            node = Repeat(node, *times)
        raise PatternError(f"more than {_MAX_QUANTIFIERS} repetitions of the same")

    def _quantifier(self) -> tuple[int, int | None] | None:
        character = self._next()
        if times := _QUANTIFIERS.get(character):
            self._at += 1
            return times
        found = _INTERVAL.match(self._pattern, self._at) if character == "{" else None
        if found is None:
            return None
        self._at = found.end()
        least = int(found[1])
        most = least if found[2] is None else None if found[3] is None else int(found[3])
        if most is not None and most < least:
            raise PatternError(f"{found[0]}: at most is less than at least")
        if max(least, most or 0) > MAX_REPEAT:
            raise PatternError(f"{found[0]}: a repetition counts to {MAX_REPEAT}")
        return least, most

    def _atom(self) -> Node:
        character = self._next()
        self._at += 1
        match character:
            case "(":
                return self._group()
            case "[":
                return self._bracket()
            case ".":
                return Characters(negated=True)
            case "^" | "$":
                return Assertion(_ASSERTIONS[character])
            case "\\":
                return self._escaped()
            case "*" | "+" | "?":
                raise PatternError(f"there is nothing that {character} could repeat")
        return Characters(frozenset(character))

    def _group(self) -> Node:
        self.groups += 1
        number = self.groups
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise PatternError(f"groups are nested more than {MAX_NESTING} deep")
        inner = self._choice()
        if self._next() != ")":
            raise PatternError("there is no ) for a (")
        self._at += 1
        self._nesting -= 1
        return Group(number, inner)

    def _bracket(self) -> Node:
        try:
            found = bracket(self._pattern, self._at)
        except BracketError as error:
            raise PatternError(str(error)) from None
        self._at = found.end
        return found.characters

    def _escaped(self) -> Node:
        character = self._next()
        self._at += 1
        if holds := _ASSERTIONS.get(f"\\{character}"):
            return Assertion(holds)
        if is_in := _CLASSES.get(character.lower()):
            return Characters(classes=(is_in,), negated=character.isupper())
        if character.isdigit():
            raise PatternError(f"\\{character}: what a group has found cannot be searched for")
        if not character or character.isalnum():
            raise PatternError(f"\\{character} has no meaning")
        return Characters(frozenset(character))
