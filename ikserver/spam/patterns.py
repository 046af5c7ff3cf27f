# SPDX-License-Identifier: GPL-3.0-or-later
r"""Patterns of addresses in the lists of senders (SND-02).

An address, or one with `*` for any text and `?` for one character: `*@example.org`, `*-news@example.org`,
`shop*@example.org`, `*` for everybody. A `*` in front of a domain stands for whole labels: `*@*example.org` is
example.org and everything below it, never badexample.org.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ikserver.accounts.names import canonical

EVERYBODY = "*"
MAX_STARS = 3
"""More would make a pattern slow against addresses that are made for it."""
_WILD = frozenset("*?")
_USABLE = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"\[\]]{1,255}")


class BadPattern(ValueError):
    """The text is no pattern; it says why."""


def pattern(text: str) -> str:
    """A pattern as it is kept. Raises BadPattern."""
    wanted = text.strip()
    if wanted == EVERYBODY:
        return wanted
    if not _USABLE.fullmatch(wanted) or wanted.count("*") > MAX_STARS:
        raise BadPattern(f"{text!r} is neither an address nor a pattern such as *@example.org")
    return canonical(wanted)


class Patterns:
    """Many patterns, asked at once. Plain addresses are looked up, the others tried one by one."""

    __slots__ = ("_plain", "_wild")

    def __init__(self, patterns: Iterable[str]) -> None:
        found = list(patterns)
        self._plain = {one for one in found if _WILD.isdisjoint(one)}
        self._wild = [(one, _compiled(one)) for one in found if not _WILD.isdisjoint(one)]

    def match(self, address: str) -> str | None:
        """The pattern that fits a canonical address, None when none does."""
        if address in self._plain:
            return address
        return next((one for one, compiled in self._wild if compiled.fullmatch(address)), None)


def _compiled(wanted: str) -> re.Pattern[str]:
    if wanted == EVERYBODY:
        return re.compile(r".*", re.DOTALL)
    local, _, domain = wanted.rpartition("@")
    below = ""
    if domain.startswith("*") and domain[1:2] not in ("", "."):
        below, domain = r"(?:[^@]*\.)?", domain[1:]
    return re.compile(f"{_glob(local)}@{below}{_glob(domain)}")


def _glob(text: str) -> str:
    parts = re.split(r"(\*+|\?)", text)
    return "".join("[^@]*" if part.startswith("*") else "[^@]" if part == "?" else re.escape(part) for part in parts)
