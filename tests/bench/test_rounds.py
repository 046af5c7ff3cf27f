# SPDX-License-Identifier: GPL-3.0-or-later
"""Ours and the peer take turns, so a busy spell of the machine does not decide who is ahead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from bench.comparison import Round, compare, medians, missed
from bench.files import save, save_page
from bench.runs import Lane, alternate
from bench.runs.pairs import beside, together


def rates(*numbers: float, name: str = "copy") -> list[Round]:
    """A rate a round."""
    return [{name: {"per_s": number}} for number in numbers]


def test_what_counts_is_the_median_of_the_ratios_of_the_rounds() -> None:
    """In the second round the machine was busy: half the speed for both."""
    (row,) = compare(rates(300, 150, 400), rates(200, 100, 200))
    assert row.ahead is not None
    assert (row.ahead.middle, row.ahead.low, row.ahead.high) == (1.5, 1.5, 2.0)
    assert (row.ours, row.peer) == (300, 200)


def test_a_round_that_the_peer_has_not_finished_counts_for_none() -> None:
    (row,) = compare(rates(300, 900), rates(200))
    assert row.ahead is not None
    assert row.ahead.high == 1.5


def test_what_is_behind_is_named() -> None:
    ours = [{"fetch_flags": {"ms": 10.0, "cold_ms": 50.0}, "copy": {"per_s": 9.0}, "move": {"per_s": 11.0}}]
    peer = [{"fetch_flags": {"ms": 20.0, "cold_ms": 40.0}, "copy": {"per_s": 10.0}, "move": {"per_s": 10.0}}]
    assert missed(list(compare(ours, peer))) == ["fetch_flags", "copy"]


def test_each_step_is_run_on_every_server_before_the_next_one() -> None:
    done: list[tuple[str, int, str]] = []

    def lane(name: str) -> Lane:
        def steps(number: int) -> Iterator[Round]:
            for step in "ab":
                done.append((name, number, step))
                yield {step: {"ms": number}}

        return steps

    found = alternate(2, {"ours": lane("ours"), "peer": lane("peer")})
    assert done == [(side, number, step) for number in (1, 2) for step in "ab" for side in ("ours", "peer")]
    assert found["peer"] == [{"a": {"ms": 1}, "b": {"ms": 1}}, {"a": {"ms": 2}, "b": {"ms": 2}}]


def test_a_warm_reading_goes_before_the_cold_one_of_the_same_name() -> None:
    def steps(_: int) -> Iterator[Round]:
        yield {"select": {"cold_ms": 9}}
        yield {"select": {"ms": 1}}

    assert list(alternate(1, {"ours": steps})["ours"][0]["select"]) == ["ms", "cold_ms"]


def test_a_number_that_only_some_rounds_have_has_the_median_of_those() -> None:
    assert medians([{"select": {"ms": 1, "cold_ms": 8}}, {"select": {"ms": 3}}]) == {"select": {"ms": 2, "cold_ms": 8}}


def test_both_sides_are_kept_with_their_rounds(tmp_path: Path) -> None:
    save(tmp_path, "smtp", {"ours": rates(1, 3, 2), "peer": rates(4, 5, 6)})
    kept = json.loads((tmp_path / "smtp-ours.json").read_text())
    assert kept == {"figures": {"copy": {"per_s": 2}}, "rounds": rates(1, 3, 2)}
    assert (tmp_path / "smtp-peer.json").exists()


def test_all_runs_together_make_a_page(tmp_path: Path) -> None:
    page = save_page(tmp_path, {"smtp": list(compare(rates(2), rates(1))), "activity": []}).read_text()
    assert page.startswith("## smtp\n\n| figure | ours |")
    assert "\n## activity\n" in page


def test_one_and_two_workers_stand_beside_the_same_rounds_of_the_peer() -> None:
    found = {"": rates(3, 4), "2workers_": rates(5, 6), "peer": rates(7, 8)}
    sides = beside(found, {"lmtp_": ("", "peer"), "lmtp_2workers_": ("2workers_", "peer")})
    assert sides["ours"][1] == {"lmtp_copy": {"per_s": 4}, "lmtp_2workers_copy": {"per_s": 6}}
    assert sides["peer"][1] == {"lmtp_copy": {"per_s": 8}, "lmtp_2workers_copy": {"per_s": 8}}


def test_without_ours_there_is_only_the_peer() -> None:
    assert list(beside({"peer": rates(7)}, {"lmtp_": ("", "peer")})) == ["peer"]


def test_parts_of_a_run_are_put_together_round_by_round() -> None:
    parts = [{"ours": rates(1, 2), "peer": rates(3, 4)}, {"ours": rates(5, 6, name="big")}]
    assert together(parts)["ours"][1] == {"copy": {"per_s": 2}, "big": {"per_s": 6}}
    assert together(parts)["peer"] == rates(3, 4)
