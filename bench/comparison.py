# SPDX-License-Identifier: GPL-3.0-or-later
"""The rounds of ours beside those of the peer: medians, how far ahead, how far apart the rounds are, what is missed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from .bars import Bar, bar
from .figures import Figure

Round = dict[str, Figure]
"""All figures that one side got in one round."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the rounds, the lowest and the highest."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread | None:
        """None of nothing."""
        return cls(median(numbers), min(numbers), max(numbers)) if numbers else None


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `ahead` and `cold` are ratios of the same round; above 1 is ahead."""

    name: str
    unit: str
    ours: float
    peer: float | None
    ahead: Spread | None
    cold: Spread | None
    bar: Bar

    @property
    def met(self) -> bool | None:
        """None when nothing is promised or there is no peer."""
        return self.bar.met(self.ours, None if self.ahead is None else self.ahead.middle)

    @property
    def cold_met(self) -> bool | None:
        """As `met`, of the cold reading."""
        return None if self.cold is None or self.bar.cold is None else self.cold.middle >= self.bar.cold


def compare(ours: Sequence[Round], peer: Sequence[Round]) -> Iterator[Row]:
    """Yield the rows in the order of ours. Rates count ours / theirs, everything else theirs / ours."""
    for name, figure in medians(ours).items():
        unit, value = next(iter(figure.items()))
        theirs = medians(peer).get(name, {})
        yield Row(
            name,
            unit,
            value,
            theirs.get(unit),
            _ahead(ours, peer, name, unit),
            _ahead(ours, peer, name, "cold_ms"),
            bar(name),
        )


def medians(rounds: Sequence[Round]) -> Round:
    """Return for each number of each figure the median of the rounds."""
    found: Round = {}
    for name, figure in (item for each in rounds for item in each.items()):
        for unit in figure:
            numbers = [each[name][unit] for each in rounds if unit in each.get(name, {})]
            found.setdefault(name, {})[unit] = round(median(numbers), 2)
    return found


def missed(rows: Sequence[Row]) -> list[str]:
    """Return the names of the figures that are behind their bars."""
    return [row.name for row in rows if row.met is False or row.cold_met is False]


def _ahead(ours: Sequence[Round], peer: Sequence[Round], name: str, unit: str) -> Spread | None:
    ratios = []
    for mine, theirs in zip(ours, peer, strict=False):
        one, other = mine.get(name, {}).get(unit), theirs.get(name, {}).get(unit)
        if one and other:
            ratios.append(one / other if unit == "per_s" else other / one)
    return Spread.of(ratios)
