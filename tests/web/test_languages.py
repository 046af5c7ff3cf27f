# SPDX-License-Identifier: GPL-3.0-or-later
"""L10-01: nothing that people read is missing in one of the five languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ikserver.languages import LANGUAGES
from ikserver.languages.language import chosen, language
from tests.sources import ROOT

IN_TEMPLATES = re.compile(r'\b_\("((?:[^"\\]|\\.)*)"')
IN_BRACES = re.compile(r"\{\w+\}")
TRANSLATED = sorted(set(LANGUAGES) - {"en"})


def said() -> set[str]:
    """What templates and code say as `_("…")`."""
    found = set()
    for template in (ROOT / "ikserver").rglob("*.html"):
        found |= set(IN_TEMPLATES.findall(template.read_text(encoding="utf-8")))
    for module in (ROOT / "ikserver").rglob("*.py"):
        text = module.read_text(encoding="utf-8")
        if "_(" in text:
            found |= _in_module(text, module)
    return found


def _in_module(text: str, module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
            english: object = getattr(node.args[0], "value", None)
            assert isinstance(english, str), f"{module}: {ast.unparse(node)} cannot be translated"
            found.add(english)
    return found


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_has_what_is_said_and_nothing_else(code: str) -> None:
    assert len(said()) > 10
    assert set(language(code).messages) == said()


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_name_the_same_things(code: str) -> None:
    for english, translation in language(code).messages.items():
        assert sorted(IN_BRACES.findall(english)) == sorted(IN_BRACES.findall(translation)), english


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ("", "de"),
        ("fr", "fr"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        ("pl, it;q=0.3, es;q=0.5", "es"),
        ("en;q=0, pl", "de"),
        ("nonsense;q=x,;;,", "de"),
    ],
)
def test_a_browser_gets_the_language_it_likes_best(wishes: str, code: str) -> None:
    assert chosen(wishes, "de").code == code


def test_moments_are_written_as_people_do() -> None:
    assert [language(code).moment(1_764_000_000) for code in LANGUAGES] == [
        "24 November 2025, 16:00\N{NO-BREAK SPACE}UTC",
        "24 novembre 2025, 16:00\N{NO-BREAK SPACE}UTC",
        "24. November 2025, 16:00\N{NO-BREAK SPACE}UTC",
        "24 novembre 2025, 16:00\N{NO-BREAK SPACE}UTC",
        "24 de noviembre de 2025, 16:00\N{NO-BREAK SPACE}UTC",
    ]
