# SPDX-License-Identifier: GPL-3.0-or-later
"""`bench/run` as a program: what it keeps, what it prints, and its exit code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import __main__ as program
from bench.runs import Plan, Sides


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """A run that finds `move` behind in all of its rounds takes the place of those that start servers."""
    plans: list[Plan] = []

    def run(plan: Plan) -> Sides:
        plans.append(plan)
        return {
            "ours": [{"copy": {"per_s": 20}, "move": {"per_s": 9}}],
            "peer": [{"copy": {"per_s": 10}, "move": {"per_s": 10}}],
        }

    monkeypatch.setattr(program, "KINDS", {"imap": program.Kind(run, 20_000, "in the mailbox")})
    return plans


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code."""
    monkeypatch.setattr(sys, "argv", ["bench/run", *arguments])
    return program.main()


def test_a_figure_behind_its_bar_is_named_and_makes_the_run_fail(
    plans: list[Plan], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "imap", "--results", str(tmp_path)) == 1
    assert capsys.readouterr().out.endswith("\nBehind: move\n")
    assert {path.name for path in tmp_path.iterdir()} == {"imap-ours.json", "imap-peer.json"}
    assert (plans[0].messages, plans[0].rounds) == (20_000, 3)


def test_a_quick_run_is_short_and_judges_nothing(plans: list[Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "imap", "--quick") == 0
    assert (plans[0].messages, plans[0].rounds) == (1_000, 1)


def test_all_runs_leave_a_page(plans: list[Plan], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert run(monkeypatch, "all", "--results", str(tmp_path)) == 1
    assert "| move | 9.00 | 10.00 |" in (tmp_path / "performance.md").read_text()


@pytest.mark.parametrize("arguments", [("all", "--messages", "5"), ("activity", "--generator", "x")])
def test_options_that_mean_nothing_are_refused(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, *arguments)
    assert ended.value.code == 2


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    missing = program.Kind(lambda _: {}, 1, "messages", ("no-such-program",))
    monkeypatch.setattr(program, "KINDS", {"imap": missing})
    assert run(monkeypatch, "imap") == 2
    assert "no-such-program" in capsys.readouterr().err
