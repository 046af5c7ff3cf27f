# SPDX-License-Identifier: GPL-3.0-or-later
"""The ratio table: ours beside the peer, how far ahead, the bar, and whether it is met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .bars import bar
from .figures import Figure

HEADING = f"{'figure':26} {'ours':>10} {'peer':>10} {'':9} {'ahead':>7} {'bar':>6}         {'cold':>7} {'bar':>6}"


def table(ours: Mapping[str, Figure], peer: Mapping[str, Figure]) -> Iterator[str]:
    """Yield the lines in the order of `ours`. Above 1 is ahead: for rates ours / theirs, otherwise theirs / ours."""
    yield HEADING
    for name, mine in ours.items():
        key, value = next(iter(mine.items()))
        theirs = peer.get(name, {})
        promise = bar(name)
        limit = f"<{promise.below:g}" if promise.below is not None else _number(promise.warm)
        ahead = _ahead(key, value, theirs.get(key))
        met = value < promise.below if promise.below is not None else _met(ahead, promise.warm)
        cold = _ahead(key, mine.get("cold_ms"), theirs.get("cold_ms"))
        cold_bar = promise.cold if cold is not None else None
        line = f"{name:26} {_number(value):>10} {_number(theirs.get(key)):>10} {key:9} {_number(ahead):>7} {limit:>6}"
        line += f" {_word(met):7} {_number(cold):>7} {_number(cold_bar):>6} {_word(_met(cold, cold_bar))}"
        yield line.rstrip()


def _ahead(key: str, mine: float | None, theirs: float | None) -> float | None:
    if not mine or not theirs:
        return None
    return mine / theirs if key == "per_s" else theirs / mine


def _met(ahead: float | None, promised: float | None) -> bool | None:
    return None if ahead is None or promised is None else ahead >= promised


def _number(number: float | None) -> str:
    return "" if number is None else f"{number:.0f}" if number >= 100 else f"{number:.2f}"


def _word(met: bool | None) -> str:
    return "" if met is None else "ok" if met else "behind"
