# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lanes of a run are compared, and under which names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bench.comparison import Round

from . import Sides


def beside(found: Mapping[str, Sequence[Round]], pairs: Mapping[str, tuple[str, str]]) -> Sides:
    """Return both sides. `pairs` has for each prefix of figures the lane of ours and that of the peer; a lane may be in
    several of them, and one that was not run is left out."""
    rounds = range(len(next(iter(found.values()))))
    sides: dict[str, Sequence[Round]] = {}
    for at, side in enumerate(("ours", "peer")):
        if lanes := {prefix: found[pair[at]] for prefix, pair in pairs.items() if pair[at] in found}:
            sides[side] = [_merged(_prefixed(prefix, lane[n]) for prefix, lane in lanes.items()) for n in rounds]
    return sides


def together(parts: Sequence[Sides]) -> Sides:
    """Return the figures of several runs of as many rounds as if they were one run's."""
    present = dict.fromkeys(side for part in parts for side in part)
    return {
        side: [_merged(rounds) for rounds in zip(*(part[side] for part in parts if side in part), strict=True)]
        for side in present
    }


def _prefixed(prefix: str, figures: Round) -> Round:
    return {prefix + name: figure for name, figure in figures.items()}


def _merged(rounds: Iterable[Round]) -> Round:
    return {name: figure for each in rounds for name, figure in each.items()}
