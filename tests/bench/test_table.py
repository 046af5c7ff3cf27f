# SPDX-License-Identifier: GPL-3.0-or-later
"""The ratio table: who is ahead, and whether the bar is met."""

from __future__ import annotations

import pytest

from bench.comparison import compare
from bench.figures import Figure
from bench.table import markdown, table


def line(name: str, ours: Figure, peer: Figure) -> list[str]:
    """Return the words of the one line for this figure of one round."""
    _, only = table(list(compare([{name: ours}], [{name: peer}])))
    return only.split()


def test_of_rates_the_higher_is_ahead() -> None:
    words = line("copy", {"per_s": 300}, {"per_s": 150})
    assert words == ["copy", "300", "150", "per_s", "2.00", "2.00–2.00", "1.00", "ok"]


def test_of_times_the_lower_is_ahead_and_cold_runs_have_a_bar_of_their_own() -> None:
    words = line("fetch_envelope", {"ms": 20, "cold_ms": 60}, {"ms": 30, "cold_ms": 90})
    assert words == [
        "fetch_envelope",
        "20.00",
        "30.00",
        "ms",
        "1.50",
        "1.50–1.50",
        "1.00",
        "ok",
        "1.50",
        "2.00",
        "behind",
    ]


@pytest.mark.parametrize(("kilobytes", "word"), [(15.9, "ok"), (16, "behind")])
def test_a_limit_holds_whatever_the_peer_does(kilobytes: float, word: str) -> None:
    assert line("idle_connections", {"kb_each": kilobytes}, {})[-2:] == ["<16", word]


@pytest.mark.parametrize(("rate", "word"), [(299, "behind"), (300, "ok")])
def test_a_rate_that_is_promised_holds_whatever_the_peer_does(rate: float, word: str) -> None:
    assert line("outbound_plain", {"per_s": rate}, {"per_s": 1})[-2:] == ["≥300", word]


def test_a_figure_without_a_promise_is_neither_met_nor_missed() -> None:
    words = line("login_select", {"per_s": 5}, {"per_s": 10})
    assert words == ["login_select", "5.00", "10.00", "per_s", "0.50", "0.50–0.50"]


def test_the_page_has_the_same_cells() -> None:
    heading, rule, only = markdown(list(compare([{"copy": {"per_s": 300}}], [{"copy": {"per_s": 150}}])))
    assert only == "| copy | 300 | 150 | per_s | 2.00 | 2.00–2.00 | 1.00 | ok |  |  |  |"
    assert heading.count("|") == rule.count("|") == only.count("|")
