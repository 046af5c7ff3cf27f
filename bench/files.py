# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run leaves behind: both sides as JSON, and all runs together as a page of Markdown tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from .comparison import Row, medians
from .runs import Sides
from .table import markdown

PAGE = "performance.md"


def save(folder: Path, kind: str, sides: Sides) -> None:
    """Write KIND-ours.json and KIND-peer.json: the medians as `figures`, and the `rounds` they are made of."""
    folder.mkdir(parents=True, exist_ok=True)
    for side, rounds in sides.items():
        text = json.dumps({"figures": medians(rounds), "rounds": rounds}, indent=1)
        (folder / f"{kind}-{side}.json").write_text(text + "\n")


def save_page(folder: Path, runs: Mapping[str, Sequence[Row]]) -> Path:
    """Write the tables of these runs, ready to be put into docs/performance.md; return where."""
    lines = [line for kind, rows in runs.items() for line in (f"## {kind}", "", *markdown(rows), "")]
    path = folder / PAGE
    path.write_text("\n".join(lines))
    return path
