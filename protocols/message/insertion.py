# SPDX-License-Identifier: GPL-3.0-or-later
"""A scan of a message that got more header fields: nothing is looked at twice."""

from __future__ import annotations

from functools import lru_cache

from protocols.message.header import Header
from protocols.message.part import moved_parts
from protocols.message.scan import Scan
from protocols.message.text import header_lines


def with_fields(scan: Scan, first: bool, block: bytes) -> Scan:
    """What `scan` would find were the lines of `block` put into the header: in front, or behind its first field.

    The message begins with a field, and the new ones are none that `Scan.headers` keeps.
    """
    if not block:
        return scan
    size = len(block)
    before, _, rest = ("", "", scan.search.headers) if first else scan.search.headers.partition("\n")
    lines = [line for line in (before, _lines(block), rest) if line]
    search = scan.search._replace(headers="\n".join(lines))
    return scan._replace(size=scan.size + size, parts=moved_parts(scan.parts, size), search=search)


@lru_cache(maxsize=64)
def _lines(block: bytes) -> str:
    """Most messages get the same fields as the one before."""
    return header_lines(Header(block))
