# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong is told once, again when it changes or after a day, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ikserver.app.alerts import ledger
from ikserver.app.alerts.state import Alert, Standing, Turn, judge

MINUTE, DAY = 60.0, 86_400.0


def told(*looks: tuple[float, int]) -> Sequence[tuple[float, Turn]]:
    """What is told, and when, of looks at these times that found these ranks; 0 is nothing."""
    standing: Standing | None = None
    found = []
    for now, rank in looks:
        standing, news = judge(standing, Alert("disk", rank, "little room") if rank else None, now)
        if news is not None:
            found.append((now, news.turn))
    return found


def test_all_well_is_not_told() -> None:
    assert told((0.0, 0), (MINUTE, 0), (2 * DAY, 0)) == []


def test_what_stands_is_told_once_and_then_once_a_day() -> None:
    looks = [(number * MINUTE, 1) for number in range(2 * 1440 + 1)]
    assert told(*looks) == [(0.0, Turn.BEGUN), (DAY, Turn.STILL), (2 * DAY, Turn.STILL)]


def test_worse_is_told_at_once_and_begins_the_day_anew() -> None:
    assert told((0.0, 1), (MINUTE, 2), (DAY, 2), (DAY + MINUTE, 2)) == [
        (0.0, Turn.BEGUN),
        (MINUTE, Turn.WORSE),
        (DAY + MINUTE, Turn.STILL),
    ]


def test_better_and_over_are_told_when_they_have_lasted() -> None:
    assert told((0.0, 2), (MINUTE, 1), (10 * MINUTE, 1), (11 * MINUTE, 0), (20 * MINUTE, 0)) == [
        (0.0, Turn.BEGUN),
        (10 * MINUTE, Turn.BETTER),
        (20 * MINUTE, Turn.ENDED),
    ]


def test_a_value_that_swings_around_its_threshold_is_told_once() -> None:
    looks = [(number * MINUTE, number % 2) for number in range(600)]
    assert told(*looks) == [(MINUTE, Turn.BEGUN)]


def test_what_comes_again_is_told_again() -> None:
    assert [turn for _, turn in told((0.0, 1), (700.0, 0), (800.0, 1))] == [Turn.BEGUN, Turn.ENDED, Turn.BEGUN]


def test_the_end_tells_what_it_was_and_since_when() -> None:
    before = Standing(Alert("clamd", 1, "clamd does not answer"), 5.0, 5.0, 5.0)
    after, news = judge(before, None, 5.0 + 700)
    assert after is None
    assert news is not None
    assert (news.turn, news.standing) == (Turn.ENDED, before)


def test_what_stands_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    standing = [
        Standing(Alert("disk", 2, "no room"), 1.0, 2.5, 3.0),
        Standing(Alert("queue", 1, "long"), 4.0, 5.0, 6.0),
    ]
    ledger.write(tmp_path, standing)
    assert ledger.read(tmp_path) == standing
    ledger.write(tmp_path, [])
    assert ledger.read(tmp_path) == []


@pytest.mark.parametrize("content", [None, b"", b"[", b"{}", b'[{"alert": 1}]', b'[{"alert": {"rank": 1}}]', b"\xff"])
def test_a_ledger_that_cannot_be_read_is_empty(tmp_path: Path, content: bytes | None) -> None:
    (tmp_path / "run").mkdir()
    if content is not None:
        (tmp_path / "run" / "alerts.json").write_bytes(content)
    assert ledger.read(tmp_path) == []
