# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows as a table: for the terminal, and in Markdown for docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .comparison import Row, Spread

COLUMNS = ("figure", "ours", "peer", "unit", "ahead", "rounds", "bar", "", "cold", "bar", "")
WIDTHS = (34, 8, 8, 8, 6, 11, 6, 6, 6, 5, 6)
NUMBERS = {1, 2, 4, 6, 8, 9}
"""The columns that are aligned to the right."""


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a heading and a line a row, in columns of spaces."""
    for cells in (COLUMNS, *map(_cells, rows)):
        padded = [
            f"{cell:>{width}}" if column in NUMBERS else f"{cell:<{width}}"
            for column, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
        ]
        yield " ".join(padded).rstrip()


def markdown(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield _line(COLUMNS)
    yield _line(["---:" if column in NUMBERS else "---" for column, _ in enumerate(COLUMNS)])
    yield from (_line(_cells(row)) for row in rows)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        _number(row.ours),
        _number(row.peer),
        row.unit,
        _middle(row.ahead),
        _range(row.ahead),
        str(row.bar),
        _word(row.met),
        _middle(row.cold),
        "" if row.cold is None else _number(row.bar.cold),
        _word(row.cold_met),
    )


def _middle(spread: Spread | None) -> str:
    return "" if spread is None else _number(spread.middle)


def _range(spread: Spread | None) -> str:
    return "" if spread is None else f"{_number(spread.low)}–{_number(spread.high)}"


def _number(number: float | None) -> str:
    return "" if number is None else f"{number:.0f}" if number >= 100 else f"{number:.2f}"


def _word(met: bool | None) -> str:
    return "" if met is None else "ok" if met else "behind"
