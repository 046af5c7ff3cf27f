# SPDX-License-Identifier: GPL-3.0-or-later
"""What these tests read with: our mails, and IMAP's parenthesised lists by a strict reader of their own."""

from __future__ import annotations

import re
from pathlib import Path

MAILS = Path(__file__).parents[1] / "corpus" / "eml"

Value = bytes | int | None | list["Value"]

_QUOTED = re.compile(rb'"((?:[\x01-\x09\x0b\x0c\x0e-!#-\[\]-\x7f]|\\["\\])*)"')
_LITERAL = re.compile(rb"\{(\d+)\}\r\n")
_NUMBER = re.compile(rb"\d+")


def mail(name: str) -> bytes:
    """A mail of tests/corpus/eml."""
    return (MAILS / f"{name}.eml").read_bytes()


def read_list(wire: bytes) -> list[Value]:
    """One whole list as RFC 9051 writes it; anything else fails."""
    value, end = read_value(wire, 0)
    assert isinstance(value, list)
    assert end == len(wire)
    return value


def read_value(wire: bytes, at: int) -> tuple[Value, int]:
    if wire[at : at + 1] == b"(":
        return _list(wire, at + 1)
    if wire[at : at + 3] == b"NIL":
        return None, at + 3
    if quoted := _QUOTED.match(wire, at):
        return re.sub(rb"\\(.)", rb"\1", quoted[1]), quoted.end()
    if literal := _LITERAL.match(wire, at):
        end = literal.end() + int(literal[1])
        text = wire[literal.end() : end]
        assert len(text) == int(literal[1])
        assert b"\0" not in text
        return text, end
    number = _NUMBER.match(wire, at)
    assert number, f"no value: {wire[at : at + 20]!r}"
    return int(number[0]), number.end()


def _list(wire: bytes, at: int) -> tuple[Value, int]:
    values: list[Value] = []
    while wire[at : at + 1] != b")":
        # Lists of addresses and of body parts have no space between their elements.
        if values and not (isinstance(values[-1], list) and wire[at : at + 1] == b"("):
            assert wire[at : at + 1] == b" "
            at += 1
        value, at = read_value(wire, at)
        values.append(value)
    return values, at + 1
