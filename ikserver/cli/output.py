# SPDX-License-Identifier: GPL-3.0-or-later
"""What the verbs print: aligned tables or JSON on standard output, complaints and progress on standard error."""

from __future__ import annotations

import json
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence


def complain(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"ikserver: {text}\n")


def show_json(value: object) -> None:
    """One line of JSON, at once, for scripts that wait for it."""
    print(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")), flush=True)


def show_rows(rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, as_json: bool) -> None:
    """Rows as a table under upper-case headings, or as one JSON array of objects with the keys of `columns`."""
    if as_json:
        show_json([{column: row[column] for column in columns} for row in rows])
        return
    cells = [[column.upper().replace("_", " ") for column in columns]]
    cells += [["-" if row[column] in (None, "") else str(row[column]) for column in columns] for row in rows]
    for line in aligned(cells):
        print(line)


def aligned(cells: Sequence[Sequence[str]]) -> Iterable[str]:
    """The lines of a table with two spaces between columns; wide (East Asian) characters count as two."""
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


class Progress:
    """A progress bar on standard error: redrawn in place on a terminal, silent elsewhere.

    with Progress("importing", total=len(paths)) as progress:
        progress.step()
    """

    def __init__(self, label: str, total: int) -> None:
        self._label, self._total, self._done, self._drawn = label, total, 0, -1
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        self._draw()
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            sys.stderr.write("\n")

    def step(self, count: int = 1) -> None:
        """`count` more of the total are done."""
        self._done += count
        self._draw()

    def _draw(self) -> None:
        thousandths = 1000 * self._done // max(self._total, 1)
        if not self._terminal or thousandths == self._drawn:
            return
        self._drawn = thousandths
        room = max(10, min(40, shutil.get_terminal_size().columns - len(self._label) - 30))
        bar = "#" * (room * self._done // max(self._total, 1))
        sys.stderr.write(f"\r{self._label} [{bar:<{room}}] {self._done}/{self._total} {thousandths / 10:5.1f} %")
        sys.stderr.flush()
