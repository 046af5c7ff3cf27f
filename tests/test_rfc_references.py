# SPDX-License-Identifier: GPL-3.0-or-later
"""Every RFC that the code cites is in protocols/RFCS.md, and citations have one form: `RFC 9051, 6.4.4`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.sources import ROOT, modules, name
from tests.support import SHARED, needs_shared

TABLE = ROOT / "protocols" / "RFCS.md"
ROW = re.compile(r"^\| (\d{4}) \| ([^|]+) \| (yes|part|no) \| ([^|]*) \|$", re.MULTILINE)
CITED = re.compile(r"\bRFC (\d{3,5})\b")
OTHER_FORMS = [
    re.compile(r"\bRFC-?\d{4}"),
    re.compile(r"\brfc ?\d{4}\b"),
    re.compile(r"\bRFC \d+,? (?:section|Section|sec\.|§)"),
    re.compile(r"\bRFC \d+ (?:\d+\.)"),
]
SECTION = re.compile(r"\bRFC (\d{3,5}), (\d+(?:\.\d+)*)(?!\w)")
SUPPORT = {number: support for number, _, support, _ in ROW.findall(TABLE.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("path", modules(), ids=name)
def test_the_rfcs_a_module_cites_are_in_the_table(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert {number for number in CITED.findall(text) if SUPPORT.get(number) not in ("yes", "part")} == set()


@pytest.mark.parametrize("path", modules(), ids=name)
def test_citations_have_the_one_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [match[0] for form in OTHER_FORMS for match in form.finditer(text)] == []


def test_the_table_is_in_order_and_says_nothing_twice() -> None:
    numbers = [int(number) for number, *_ in ROW.findall(TABLE.read_text(encoding="utf-8"))]
    assert numbers == sorted(set(numbers))


@needs_shared
@pytest.mark.parametrize("path", modules(), ids=name)
def test_the_sections_that_a_module_cites_exist(path: Path) -> None:
    missing = []
    for number, section in SECTION.findall(path.read_text(encoding="utf-8")):
        text = SHARED / "rfc" / f"rfc{number}.txt"
        if text.exists() and not _has_section(text.read_text(encoding="utf-8", errors="replace"), section):
            missing.append(f"RFC {number}, {section}")
    assert missing == []


def _has_section(text: str, section: str) -> bool:
    return re.search(rf"^\s*{re.escape(section)}\.?\s+\S", text, re.MULTILINE) is not None
