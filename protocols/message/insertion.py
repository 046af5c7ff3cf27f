# SPDX-License-Identifier: GPL-3.0-or-later
"""A scan of a message that got more header fields: nothing is looked at twice."""

from __future__ import annotations

from dataclasses import replace

from protocols.message.header import Header
from protocols.message.part import pack_parts, unpack_parts
from protocols.message.scan import Scan
from protocols.message.text import header_lines


def with_fields(scan: Scan, first: bool, block: bytes) -> Scan:
    """What `scan` would find were the lines of `block` put into the header: in front, or behind its first field.

    The message begins with a field, and the new ones are none that `Scan.headers` keeps.
    """
    if not block:
        return scan
    size = len(block)
    root, *inner = unpack_parts(scan.parts)
    moved = [replace(part, header=part.header + size, body=part.body + size, end=part.end + size) for part in inner]
    root = replace(root, body=root.body + size, end=root.end + size)
    added = header_lines(Header(block))
    before, _, rest = ("", "", scan.search.headers) if first else scan.search.headers.partition("\n")
    lines = [line for line in (before, added, rest) if line]
    search = replace(scan.search, headers="\n".join(lines))
    return replace(scan, size=scan.size + size, parts=pack_parts([root, *moved]), search=search)
