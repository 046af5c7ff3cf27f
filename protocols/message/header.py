# SPDX-License-Identifier: GPL-3.0-or-later
"""Header blocks: where they end, their fields, unfolding (RFC 5322, 2.2)."""

from __future__ import annotations

import re
from mmap import mmap

WINDOW = 1 << 20
"""Octets looked at in one go: between windows other threads get their turn."""

_EMPTY_LINE = re.compile(rb"\n\r?\n")
_FIELD = re.compile(rb"(?=[^\n])((?:([!-9;-~]++)[ \t]*+:)?+[^\n]*+\n?(?:[ \t][^\n]*+\n?)*+)")
_FOLD = re.compile(rb"(?:\r?\n[ \t]++)++")


def header_end(data: bytes | mmap, start: int, end: int) -> int:
    """Where the body begins: after the first empty line in `data[start:end]`, at `end` when there is none."""
    if start < end and data[start] == 0x0A:
        return start + 1
    if start + 1 < end and data[start : start + 2] == b"\r\n":
        return start + 2
    for at in range(start, end, WINDOW):
        if found := _EMPTY_LINE.search(data, at, min(at + WINDOW + 2, end)):
            return found.end()
    return end


def fields(block: bytes) -> list[tuple[bytes, bytes]]:
    """The fields of a header block: name in lower case, and all octets of the field with its folding and line end.

    A line that is no field (no colon, a space in the name, mbox "From ") has an empty name. White space before the
    colon is allowed (RFC 5322, 4.5).
    """
    found = _FIELD.findall(block)
    if found and found[-1][0] == b"\r\n":
        found.pop()
    return [(name.lower(), raw) for raw, name in found]


def unfold(raw: bytes) -> bytes:
    """The value of a field on one line: folding becomes one space."""
    value = raw.partition(b":")[2].strip()
    return _FOLD.sub(b" ", value) if b"\n" in value else value


class Header:
    """The fields of one header block, in order and by name."""

    __slots__ = ("_named", "fields")

    def __init__(self, block: bytes) -> None:
        self.fields = fields(block)
        self._named: dict[bytes, list[bytes]] = {}
        for name, raw in self.fields:
            self._named.setdefault(name, []).append(raw)

    def first(self, name: bytes) -> bytes | None:
        """The unfolded value of the first field of this (lower-case) name, None without one."""
        raw = self._named.get(name)
        return unfold(raw[0]) if raw else None

    def every(self, name: bytes) -> list[bytes]:
        """The unfolded values of all fields of this (lower-case) name."""
        return [unfold(raw) for raw in self._named.get(name, ())]
