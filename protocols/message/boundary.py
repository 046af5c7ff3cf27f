# SPDX-License-Identifier: GPL-3.0-or-later
"""Multipart bodies cut at their delimiter lines (RFC 2046, 5.1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from mmap import mmap
from typing import NamedTuple

from protocols.message.header import WINDOW

MAX_CANDIDATES = 100_000
"""Lines that start like a delimiter; those behind them count as text."""

_REST_OF_LINE = re.compile(rb"(--)?[ \t]*+\r?(?:\n|\Z)")


class Span(NamedTuple):
    """Where a part lies. From `end` to `limit` is the line end in front of the next delimiter, which belongs to it."""

    start: int
    end: int
    limit: int


def split(data: bytes | mmap, boundary: bytes, start: int, end: int) -> Iterator[Span]:
    """The parts in `data[start:end]`, which begins at a line; without a closing delimiter the last one ends at `end`.

    A delimiter fills its line but for white space: a boundary that merely starts like ours is another one's.
    """
    needle = b"--" + boundary
    opened = -1
    for line in islice(_candidates(data, needle, start, end), MAX_CANDIDATES):
        rest = _REST_OF_LINE.match(data, line + len(needle), end)
        if rest is None:
            continue
        if opened >= 0:
            yield Span(opened, _before_line_end(data, line, opened), line)
        if rest[1]:
            return
        opened = rest.end()
    if opened >= 0:
        yield Span(opened, end, end)


def _candidates(data: bytes | mmap, needle: bytes, start: int, end: int) -> Iterator[int]:
    """Where lines start with `needle`."""
    if data[start : start + len(needle)] == needle:
        yield start
    at = find(data, b"\n" + needle, start, end)
    while at >= 0:
        yield at + 1
        at = find(data, b"\n" + needle, at + len(needle), end)


def _before_line_end(data: bytes | mmap, line: int, floor: int) -> int:
    """The place before the line end in front of `line`, not before `floor`."""
    size = 2 if data[line - 2 : line] == b"\r\n" else 1
    return max(line - size, floor)


def find(data: bytes | mmap, needle: bytes, start: int, end: int) -> int:
    """`bytes.find` in windows."""
    overlap = len(needle) - 1
    for at in range(start, end, WINDOW):
        found = data.find(needle, at, min(at + WINDOW + overlap, end))
        if found >= 0:
            return found
    return -1
