# SPDX-License-Identifier: GPL-3.0-or-later
"""The ratio table: who is ahead, and whether the bar is met."""

from __future__ import annotations

import pytest

from bench.figures import Figure
from bench.table import table


def line(name: str, ours: Figure, peer: Figure) -> list[str]:
    """Return the words of the one line for this figure."""
    _, only = table({name: ours}, {name: peer})
    return only.split()


def test_of_rates_the_higher_is_ahead() -> None:
    assert line("copy", {"per_s": 300}, {"per_s": 150}) == ["copy", "300", "150", "per_s", "2.00", "1.00", "ok"]


def test_of_times_the_lower_is_ahead_and_cold_runs_have_a_bar_of_their_own() -> None:
    words = line("fetch_envelope", {"ms": 20, "cold_ms": 60}, {"ms": 30, "cold_ms": 90})
    assert words == ["fetch_envelope", "20.00", "30.00", "ms", "1.50", "1.00", "ok", "1.50", "2.00", "behind"]


@pytest.mark.parametrize(("kilobytes", "word"), [(15.9, "ok"), (16, "behind")])
def test_a_limit_holds_whatever_the_peer_does(kilobytes: float, word: str) -> None:
    assert line("idle_connections", {"kb_each": kilobytes}, {})[-2:] == ["<16", word]


def test_a_figure_without_a_promise_is_neither_met_nor_missed() -> None:
    assert line("login_select", {"per_s": 5}, {"per_s": 10}) == ["login_select", "5.00", "10.00", "per_s", "0.50"]
