# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of flags, as scripts write them (RFC 5232, 2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sieve.run import Arguments

_SYSTEM = {flag.lower(): flag for flag in ("\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\Seen")}
"""Those that may be set; `\\Recent` may not (RFC 9051, 2.3.2)."""
_KEYWORD = re.compile(r'[^\x00-\x20\x7f-\U0010ffff(){%*"\\\]]+')
"""An atom (RFC 9051, 9)."""


def words(texts: Iterable[str]) -> list[str]:
    """Each flag of a list; spaces in a string part it as well."""
    return [word for text in texts for word in text.split(" ") if word]


def flags(texts: Iterable[str]) -> tuple[str, ...]:
    """Each flag that a message may have, once, as it was written first; what is no such flag is left out."""
    found: dict[str, str] = {}
    for word in words(texts):
        flag = _SYSTEM.get(word.lower(), word)
        if flag in _SYSTEM.values() or _KEYWORD.fullmatch(flag):
            found.setdefault(flag.lower(), flag)
    return tuple(found.values())


def given_flags(arguments: Arguments, default: Iterable[str]) -> tuple[str, ...]:
    """Those behind `:flags`; without it the default (RFC 5232, 5)."""
    given = arguments.get("flags")
    return flags(default if given is None else given)
