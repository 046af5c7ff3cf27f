# SPDX-License-Identifier: GPL-3.0-or-later
"""More and less, and how many (RFC 5231)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

from sieve.registry import STRING, Comparator, Extension, MatchType

_RELATIONS: dict[str, Callable[[int, int], bool]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
    "ne": operator.ne,
}


def relate(comparator: Comparator, value: str, key: str, relation: str) -> Sequence[str] | None:
    """RFC 5231, 4.1: the value is on the left. With :count it is how many there are (RFC 5231, 4.2)."""
    return () if _RELATIONS[relation.lower()](comparator.order(value, key), 0) else None


def check_relation(relation: str, comparator: Comparator) -> str | None:
    """RFC 5231, 4."""
    known = relation.lower() in _RELATIONS
    return None if known else f"{relation!r} is no relation; there are {', '.join(_RELATIONS)}"


EXTENSIONS = [
    Extension(
        "relational",
        match_types=[
            MatchType("value", relate, STRING, check=check_relation),
            MatchType("count", relate, STRING, counts=True, check=check_relation),
        ],
    )
]
