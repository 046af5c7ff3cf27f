# SPDX-License-Identifier: GPL-3.0-or-later
"""The words and signs of an address list (RFC 5322, 3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

ATOM = rb'[^\s"(),:;<>@\[\]\\]'
"""One octet of a word: wider than the RFC's atext, with dots and 8-bit octets."""

# An encoded word is one word even where its writer left a comma or a colon in it.
_TOKEN = re.compile(
    rb"\s++|(?P<word>=\?[^?\s]++\?[bBqQ]\?[^?\s]*+\?=|%b++|\[[^\]]*+\]?)"
    rb'|"(?P<quoted>[^"\\]*+(?:\\.[^"\\]*+)*+)\\?(?:"|\Z)|(?P<special>[(),:;<>@\]\\])' % ATOM,
    re.DOTALL,
)
_IN_COMMENT = re.compile(rb"(?:[^()\\]|\\.)*+", re.DOTALL)
_BACKSLASH = re.compile(rb"\\(.)", re.DOTALL)


class Token(NamedTuple):
    """`kind` is "word", "quoted", "comment" or the sign itself; `spaced`: there is white space before it."""

    kind: str
    text: bytes
    spaced: bool = False


def tokens(value: bytes) -> Iterator[Token]:
    """All tokens of an unfolded field, quoting and the parentheses of comments removed."""
    at, spaced = 0, False
    while found := _TOKEN.match(value, at):
        start, at = found.span()
        match found.lastgroup:
            case None:
                spaced = True
                continue
            case "special" if found[0] == b"(":
                at = _comment_end(value, at)
                yield Token("comment", _unescape(value[start + 1 : at].removesuffix(b")")), spaced)
            case "special":
                yield Token(found[0].decode(), found[0], spaced)
            case "quoted":
                yield Token("quoted", _unescape(found["quoted"]), spaced)
            case _:
                yield Token("word", found[0], spaced)
        spaced = False


def _comment_end(value: bytes, at: int) -> int:
    """The place behind a comment whose inside starts at `at`. Comments nest (RFC 5322, 3.2.2)."""
    depth = 1
    while depth and at < len(value):
        if inside := _IN_COMMENT.match(value, at):
            at = inside.end()
        depth += 1 if value[at : at + 1] == b"(" else -1
        at += 1
    return min(at, len(value))


def _unescape(text: bytes) -> bytes:
    return _BACKSLASH.sub(rb"\1", text) if b"\\" in text else text
