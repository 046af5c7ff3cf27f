# SPDX-License-Identifier: GPL-3.0-or-later
"""Regular expressions (draft-ietf-sieve-regex-01), for which no script and no message can make anybody wait."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sieve.expressions.search import expression
from sieve.expressions.syntax import PatternError
from sieve.extensions.variables import whole_quotes
from sieve.matching import Matching, identity
from sieve.registry import Comparator, Extension, MatchType, Modifier
from sieve.run import Run

_SPECIAL = re.compile(r"[\\.*+?\[\](){}^$|]")


def search(run: Run, matching: Matching, value: str, key: str) -> Sequence[str] | None:
    """What matched and what its groups are become match variables; nothing has to match all of the value."""
    settings = run.delivery.settings
    if len(key) > settings.regex_max_pattern:
        raise run.error(f"a regular expression has at most {settings.regex_max_pattern} characters")
    try:
        found = expression(key, matching.comparator.fold or identity)
    except PatternError as error:
        raise run.error(f"the regular expression {key!r} is wrong: {error}") from None
    if not found.matches(value, settings.regex_max_input, run.spend):
        return None
    return found.groups(value, settings.regex_max_input, run.spend) if matching.remembers else ()


def match(comparator: Comparator, value: str, key: str) -> Sequence[str] | None:
    """`search` with no limits but that of the text, for whoever has no run."""
    return expression(key, comparator.fold or identity).groups(value, len(value), lambda steps: None)


def check_pattern(pattern: str, comparator: Comparator) -> str | None:
    """What is wrong with a pattern, when a script is compiled."""
    try:
        expression(pattern, comparator.fold or identity)
    except PatternError as error:
        return f"the regular expression {pattern!r} is wrong: {error}"
    return None


def quoteregex(text: str) -> str:
    """So that it stands for itself in a pattern."""
    return _SPECIAL.sub(r"\\\g<0>", text)


EXTENSIONS = [
    Extension(
        "regex",
        match_types=[MatchType("regex", match, needs_parts=True, check=check_pattern, search=search)],
        modifiers=[Modifier("quoteregex", 20, quoteregex, whole_quotes)],
    )
]
