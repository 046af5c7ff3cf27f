# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules and functions stay small enough to be read in one go (STYLE: aim at 150 and 15 lines)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.sources import modules, name

MODULE_LINES, FUNCTION_LINES = 300, 40

LONG_MODULES: dict[str, str] = {
    "protocols/imap/commands.py": "one frozen class a command and nothing else: a list to look things up in",
}
LONG_FUNCTIONS: dict[str, str] = {}
"""Exceptions by name (`path` or `path:function`), each with its reason."""


def _functions(path: Path) -> list[tuple[str, int]]:
    found = [n for n in ast.walk(ast.parse(path.read_bytes())) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(f"{name(path)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1) for node in found]


@pytest.mark.parametrize("path", modules(), ids=name)
def test_a_module_and_its_functions_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MODULE_LINES or name(path) in LONG_MODULES, f"{name(path)} has {lines} lines"
    long = [f"{which} has {length} lines" for which, length in _functions(path) if length > FUNCTION_LINES]
    assert [found for found in long if found.split()[0] not in LONG_FUNCTIONS] == []


def test_no_exception_has_become_needless() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    functions = dict(found for path in modules() for found in _functions(path))
    assert [module for module in LONG_MODULES if lengths.get(module, 0) <= MODULE_LINES] == []
    assert [function for function in LONG_FUNCTIONS if functions.get(function, 0) <= FUNCTION_LINES] == []
