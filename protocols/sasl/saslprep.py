# SPDX-License-Identifier: GPL-3.0-or-later
"""SASLprep: user names and passwords that look the same become the same octets (RFC 4013, over RFC 3454)."""

from __future__ import annotations

import stringprep
from collections.abc import Callable
from unicodedata import ucd_3_2_0

_PROHIBITED: tuple[Callable[[str], bool], ...] = (
    # RFC 4013, 2.3, in its order.
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
    # RFC 4013, 2.5: a stored string has no code points that Unicode 3.2 did not know.
    stringprep.in_table_a1,
)


class Prohibited(ValueError):
    """The text holds characters that SASLprep forbids."""


def saslprep(text: str) -> str:
    """The prepared form of a stored string. Raises Prohibited."""
    if text.isascii() and text.isprintable():
        return text
    prepared = ucd_3_2_0.normalize("NFKC", "".join(map(_mapped, text)))
    if any(prohibited(c) for c in prepared for prohibited in _PROHIBITED):
        raise Prohibited("it holds control characters or others that are not allowed")
    if any(map(stringprep.in_table_d1, prepared)) and not _right_to_left(prepared):
        raise Prohibited("it mixes right-to-left with left-to-right text")
    return prepared


def _mapped(c: str) -> str:
    # RFC 4013, 2.1: other spaces become SPACE, what is commonly mapped to nothing goes.
    if stringprep.in_table_c12(c):
        return " "
    return "" if stringprep.in_table_b1(c) else c


def _right_to_left(text: str) -> bool:
    """RFC 3454, 6: no left-to-right character at all, and right-to-left ones at both ends."""
    ends = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    return ends and not any(map(stringprep.in_table_d2, text))
