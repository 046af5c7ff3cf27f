# SPDX-License-Identifier: GPL-3.0-or-later
"""config/ikserver.toml shows every setting, with its default and a sentence; nothing else."""

from __future__ import annotations

import tomllib
from dataclasses import is_dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints

from ikserver.settings import Settings, dump, parse
from tests.sources import ROOT

SAMPLE = ROOT / "config" / "ikserver.toml"


def _names(section: Any, prefix: str = "") -> list[str]:
    found = []
    for key, kind in get_type_hints(section).items():
        found += _names(kind, f"{prefix}{key}.") if is_dataclass(kind) else [prefix + key]
    return found


def _keys(table: dict[str, Any], prefix: str = "") -> list[str]:
    found = []
    for key, value in table.items():
        found += _keys(value, f"{prefix}{key}.") if value and isinstance(value, dict) else [prefix + key]
    return found


def test_every_setting_is_in_the_sample_and_in_the_same_order() -> None:
    assert _keys(tomllib.loads(SAMPLE.read_text(encoding="utf-8"))) == _names(Settings)


def test_the_sample_shows_the_defaults() -> None:
    assert parse(SAMPLE.read_text(encoding="utf-8")) == Settings(data=Path("/var/lib/ikserver"))


def test_every_setting_has_a_sentence_above_it() -> None:
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    shown = [(before, line) for before, line in pairwise(lines) if " = " in line and not line.startswith("#")]
    assert [line for before, line in shown if not before.startswith("#")] == []


def test_what_differs_from_the_defaults_is_written_and_read_again() -> None:
    text = (
        'data = "there"\n\n[listen]\nimap = ["[::1]:1143", "*:143"]\n\n[smtp]\nmax_size = "5MB"\nidle_timeout = "90s"\n'
        '\n[outbound]\nmessages_per_minute_to = { "example.org" = 60, "example.net" = 5 }\n'
    )
    assert dump(parse(text)) == text
