# SPDX-License-Identifier: GPL-3.0-or-later
"""What a load generator measured: names to numbers, printed as they come and kept as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Figure = dict[str, float]


class Figures:
    """Figures by name. The first key of each is the one that is compared: `ms` or `per_s`, and so on."""

    def __init__(self) -> None:
        self._figures: dict[str, Figure] = {}

    def record(self, name: str, **numbers: float) -> None:
        """Keep one figure and print its line."""
        self._figures[name] = {key: round(number, 2) for key, number in numbers.items()}
        print(f"{name:28}", "  ".join(f"{k}={v}" for k, v in self._figures[name].items()), flush=True)

    def all(self) -> dict[str, Figure]:
        """What was recorded so far."""
        return dict(self._figures)

    def write(self, path: Path) -> None:
        """Write `{"figures": …}`, the form that the table reads."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"figures": self._figures}, indent=1) + "\n")


def read(path: Path) -> dict[str, Figure]:
    """Return the figures of a file that a generator wrote; none when there is no such file."""
    figures: dict[str, Figure] = json.loads(path.read_text())["figures"] if path.exists() else {}
    return figures


def best_ms(run: Callable[[], object], times: int = 15) -> float:
    """Run it so many times, all warm but the first, and return the fastest in ms: disturbances only make it slower."""
    return min(seconds(run) for _ in range(times)) * 1e3


def seconds(run: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def quantile(numbers: Sequence[float], share: float) -> float:
    """Return the number below which this share of all lies (0.5 is the median)."""
    return sorted(numbers)[min(int(len(numbers) * share), len(numbers) - 1)]
