# SPDX-License-Identifier: GPL-3.0-or-later
"""The runs of `bench/run`: in each round a step of ours and the same step of the peer take turns.

So a busy spell of the machine hits both, and the ratio of a round means something even where its figures do not. All
servers of a run are up at once; only one of them has work.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.comparison import Round
from bench.figures import read

Sides = Mapping[str, Sequence[Round]]
"""The rounds of `ours` and of `peer`; with --only-peer there are none of ours."""

Lane = Callable[[int], Iterator[Round]]
"""Runs the steps of round 1, 2 … on one server, and yields the figures of each step."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`folder` is scratch space, `messages` how much to measure with (each run says of what), `generator` a folder with
    another bench.py to use in place of ours."""

    folder: Path
    messages: int
    rounds: int
    generator: Path | None
    only_peer: bool


Run = Callable[[Plan], Sides]
"""Starts servers, loads them in turns, and stops them."""


def alternate(rounds: int, lanes: Mapping[str, Lane]) -> dict[str, list[Round]]:
    """Return the rounds of each lane. The first step is run on each of them, then the second …; later figures of a name
    are put before earlier ones."""
    found: dict[str, list[Round]] = {name: [] for name in lanes}
    for number in range(1, rounds + 1):
        figures: dict[str, Round] = {name: {} for name in lanes}
        for steps in zip(*(lane(number) for lane in lanes.values()), strict=True):
            for name, step in zip(lanes, steps, strict=True):
                figures[name] |= {key: figure | figures[name].get(key, {}) for key, figure in step.items()}
        for name in lanes:
            found[name].append(figures[name])
    return found


def generate(plan: Plan, title: str, command: Sequence[str | Path]) -> Round:
    """Run a load generator, which prints as it goes, and return its figures. Raises RuntimeError."""
    print(f"\n{title}", flush=True)
    result = plan.folder / "figures.json"
    result.unlink(missing_ok=True)
    with subprocess.Popen([sys.executable, *command, "--json", result]) as program:
        try:
            code = program.wait()
        finally:
            # Asked and not killed: some of them have a server to stop.
            program.terminate()
    if code:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {code}")
    return read(result)
