# SPDX-License-Identifier: GPL-3.0-or-later
"""The two forms in which header fields and bodies are hashed (RFC 6376, 3.4)."""

from __future__ import annotations

import re
from collections.abc import Callable

_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_OPEN = ((b"\r",), (b" \r", b"\r", b" "))
"""What a piece may end in without its meaning being known; simple and relaxed."""
_CRLF = b"\r\n"
_MANY = 1 << 16

Canonical = Callable[[bytes], bytes]


def simple_field(raw: bytes) -> bytes:
    """RFC 6376, 3.4.1. `raw` is a field with its name, folding and line end."""
    return raw


def relaxed_field(raw: bytes) -> bytes:
    """RFC 6376, 3.4.2. Ends in CRLF."""
    name, _, value = raw.partition(b":")
    return name.strip().lower() + b":" + _single(_FOLD.sub(b"", value)).strip() + _CRLF


def _single(data: bytes) -> bytes:
    """White space within lines becomes single spaces. Each pass halves what is longer; most text needs none."""
    data = data.replace(b"\t", b" ")
    while b"  " in data:
        data = data.replace(b"  ", b" ")
    return data


class BodyForm:
    """Takes a body in pieces and gives its canonical octets to `update` (RFC 6376, 3.4.3 and 3.4.4).

    Lines end in CRLF, for nothing else is accepted by SMTP; pieces may be cut anywhere. `limit` is l=: how many of the
    canonical octets count. What is held back is small, whatever the body looks like.
    """

    def __init__(self, update: Callable[[bytes], None], *, relaxed: bool, limit: int | None = None) -> None:
        self._update = update
        self._relaxed = relaxed
        self._left = limit
        self._held = b""
        self._line_ends = 0
        self._empty = True

    def feed(self, piece: bytes) -> None:
        data = self._held + piece
        if self._relaxed:
            data = _single(data).replace(b" \r\n", _CRLF)
        self._held = next(filter(data.endswith, _OPEN[self._relaxed]), b"")
        self._take(data[: len(data) - len(self._held)])

    def finish(self) -> None:
        """The end: empty lines at the end do not count, and the last line has a line end."""
        self._take(self._held.rstrip(b" ") if self._relaxed else self._held)
        if not self._empty or not self._relaxed:
            self._give(_CRLF)

    def _take(self, data: bytes) -> None:
        text = data.rstrip(_CRLF)
        if text:
            self._give_line_ends()
            self._give(text)
            self._empty = False
        self._line_ends += (len(data) - len(text)) // 2

    def _give_line_ends(self) -> None:
        while self._line_ends:
            count = min(self._line_ends, _MANY)
            self._give(_CRLF * count)
            self._line_ends -= count

    def _give(self, data: bytes) -> None:
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        self._update(data)
