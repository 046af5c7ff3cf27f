# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST patterns."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.imap.list_match import ListPattern


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "a/b/c", True),
        ("%", "a", True),
        ("%", "a/b", False),
        ("%/%", "a/b", True),
        ("a*", "a", True),
        ("a*", "a/b", True),
        ("a%", "a/b", False),
        ("*b", "a/b", True),
        ("a*%c", "a/b/c", True),
        ("%%%", "abc", True),
        ("", "", True),
        ("", "a", False),
        ("A", "a", False),
        ("a.b", "axb", False),
        ("台%", "台北", True),
        ("inbox", "INBOX", True),
        ("InB%", "INBOX", True),
        ("*box", "INBOX", True),
        ("inbox/%", "INBOX/a", True),
        ("inb*", "INBOX/a", False),
        ("inboxes", "INBOX", False),
        ("drafts", "Drafts", False),
    ],
)
def test_a_name_matches_or_not(pattern: str, name: str, expected: bool) -> None:
    assert ListPattern(pattern).matches(name) is expected


def test_the_reference_stands_before_the_pattern() -> None:
    assert ListPattern("%", "Archive/").matches("Archive/2026")
    assert not ListPattern("%", "Archive/").matches("Archive")
    assert ListPattern("x", "in").matches("inx")
    assert ListPattern("box", "in").matches("INBOX")


def test_a_hostile_pattern_costs_no_more_than_others() -> None:
    assert not ListPattern("*a%" * 2000).matches("a" * 1000 + "/b")


@settings(max_examples=100)
@given(st.text("ab/*%", max_size=12), st.text("ab/", max_size=14))
def test_matching_agrees_with_a_regular_expression(pattern: str, name: str) -> None:
    expression = pattern.replace("*", ".*").replace("%", "[^/]*")
    assert ListPattern(pattern).matches(name) == bool(re.fullmatch(expression, name))
