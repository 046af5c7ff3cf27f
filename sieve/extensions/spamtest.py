# SPDX-License-Identifier: GPL-3.0-or-later
"""What filters of spam and viruses have found (RFC 5235), as header fields tell it in the operator's way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.expressions.search import expression
from sieve.expressions.syntax import PatternError
from sieve.matching import identity
from sieve.registry import MATCH_TAGS, STRING_LIST, Arg, Extension, Tag, Test
from sieve.run import Arguments, Run
from sieve.settings import Settings

_DECIMAL = re.compile(r"[+-]?(?=[.,]?\d)\d{0,9}(?:[.,]\d{0,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scale:
    """How an operator's filter tells what it has found; `top` is the worst that the test knows."""

    type: str
    header: str
    max_value: float
    max_header: str
    text: Mapping[int, str]
    top: int

    def ratio(self, run: Run) -> Fraction | None:
        """From 0, clear, to 1, as bad as can be; None when the message was not tested."""
        found = _reported(run, self.header)
        if found is None:
            return None
        if self.type == "text":
            rank = next((rank for rank, text in sorted(self.text.items()) if text == found), 0)
            return Fraction(min(rank, self.top) - 1, self.top - 1) if rank > 0 else None
        value = _length(found) if self.type == "strlen" else _decimal(found)
        largest = self._largest(run)
        if value is None or not largest:
            return None
        return min(max(value / largest, Fraction(0)), Fraction(1))

    def _largest(self, run: Run) -> Fraction | None:
        if not self.max_header:
            return _decimal(str(self.max_value))
        found = _reported(run, self.max_header)
        return None if found is None else _decimal(found)


def spamtest(run: Run, arguments: Arguments) -> bool:
    """RFC 5235, 3.2: 1 to 10, and 0 to 100 with :percent."""
    return _test(run, arguments, _spam_scale(run.delivery.settings))


def virustest(run: Run, arguments: Arguments) -> bool:
    """RFC 5235, 3.3: 1 to 5."""
    return _test(run, arguments, _virus_scale(run.delivery.settings))


def _test(run: Run, arguments: Arguments, scale: Scale) -> bool:
    ratio = scale.ratio(run)
    if ratio is None:
        # RFC 5235, 3.1: what was not tested is 0, and does not count.
        counts = arguments.matching is not None and arguments.matching.type.counts
        return run.match(arguments, [] if counts else ["0"])
    value = ratio * 100 if arguments.get("percent") else ratio * (scale.top - 1) + 1
    return run.match(arguments, [str(int(value))])


def _spam_scale(settings: Settings) -> Scale:
    return Scale(
        settings.spamtest_type,
        settings.spamtest_header,
        settings.spamtest_max_value,
        settings.spamtest_max_header,
        settings.spamtest_text,
        10,
    )


def _virus_scale(settings: Settings) -> Scale:
    return Scale(
        settings.virustest_type,
        settings.virustest_header,
        settings.virustest_max_value,
        settings.virustest_max_header,
        settings.virustest_text,
        5,
    )


def _reported(run: Run, where: str) -> str | None:
    """`where` is the name of a field, or `name: pattern` whose first group is what it tells. The first field counts."""
    name, _, pattern = (piece.strip() for piece in where.partition(":"))
    value = next(iter(run.delivery.message.headers(name)), None)
    if value is None or not pattern:
        return value
    try:
        groups = expression(pattern, identity).groups(value, run.delivery.settings.regex_max_input, run.spend)
    except PatternError:
        return None
    return groups[1] if groups is not None and len(groups) > 1 else None


def _decimal(text: str) -> Fraction | None:
    """A score, with a point or a comma."""
    found = _DECIMAL.fullmatch(text.strip())
    return Fraction(found[0].replace(",", ".")) if found else None


def _length(text: str) -> Fraction | None:
    """How often the same character stands there."""
    return Fraction(len(text)) if len(set(text)) <= 1 else None


def check_value(bound: Bound, compiler: Compiler) -> None:
    """RFC 5235, 3.2 and 3.3: it is one string."""
    if len(bound.literals("keys")) > 1:
        compiler.problem(bound, f"{bound.name} has one value")


_VALUE = [Arg("keys", STRING_LIST)]
_SPAMTEST = Test("spamtest", _VALUE, [MATCH_TAGS], check=check_value, run=spamtest)
_VIRUSTEST = Test("virustest", _VALUE, [MATCH_TAGS], check=check_value, run=virustest)

EXTENSIONS = [
    Extension("spamtest", tests=[_SPAMTEST]),
    Extension("spamtestplus", tests=[_SPAMTEST], tags={"spamtest": [Tag("percent")]}),
    Extension("virustest", tests=[_VIRUSTEST]),
]
