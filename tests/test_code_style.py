# SPDX-License-Identifier: GPL-3.0-or-later
"""What no linter checks: how modules begin, what they are called, and what must never be committed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.sources import ROOT, modules, name, tracked

SPDX = "# SPDX-License-Identifier: GPL-3.0-or-later\n"
VAGUE = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
NO_PYTHON = ("config", "systemd")
# The place of this checkout, where a package comes from, and addresses inside a workplace.
PRIVATE = [
    re.compile(re.escape(f"{ROOT}/")),
    re.compile(r"(?:index-url|find-links|extra-index)\s*[= ]\s*\S*(?:/|:)"),
    re.compile(r"\b(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}:\d{2,5}\b"),
]


@pytest.mark.parametrize("path", modules(), ids=name)
def test_a_module_begins_with_its_licence_and_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(SPDX)
    tree = ast.parse(text)
    if tree.body:
        assert ast.get_docstring(tree), f"{name(path)} has no docstring"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_a_module_has_a_name_that_says_something(path: Path) -> None:
    assert not VAGUE & set(path.with_suffix("").parts[len(ROOT.parts) :])


def test_folders_that_people_edit_hold_no_python() -> None:
    assert [path for folder in NO_PYTHON for path in (ROOT / folder).rglob("*.py")] == []


def test_nothing_of_one_machine_is_committed() -> None:
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{name(path)}: {match[0]}" for pattern in PRIVATE for match in pattern.finditer(text)]
    assert found == []
