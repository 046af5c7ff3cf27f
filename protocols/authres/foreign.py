# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields of others that bear our name: they must not reach our readers (RFC 8601, 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from mmap import mmap

_FIELD = re.compile(rb"(?:\A|(?<=\n))authentication-results[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*\n?", re.IGNORECASE)
_PIECE = re.compile(rb"\\.|[()]|[^()\\\s]+|\s+|\\", re.DOTALL)
_SERVER = re.compile(rb'"((?:[^"\\]|\\.)*)"|([^\s;("]+)', re.DOTALL)


def claimed(data: bytes | mmap, end: int, server: str) -> Iterator[tuple[int, int]]:
    """Where, in the header block `data[:end]`, the fields lie whose authserv-id is `server`, in order."""
    for found in _FIELD.finditer(data, 0, end):
        if server_of(found[0].partition(b":")[2]) == server.lower().encode():
            yield found.span()


def server_of(value: bytes) -> bytes:
    """The authserv-id of a field's value in lower case, b"" without one."""
    found = _SERVER.match(value, _after_comments(value))
    return (found[1] or found[2] or b"").lower() if found else b""


def _after_comments(value: bytes) -> int:
    """Where the first thing begins that is neither white space nor a comment; comments nest (RFC 5322, 3.2.2)."""
    depth = 0
    for piece in _PIECE.finditer(value):
        if piece[0] == b"(":
            depth += 1
        elif depth == 0 and not piece[0].isspace():
            return piece.start()
        elif piece[0] == b")":
            depth -= 1
    return len(value)
