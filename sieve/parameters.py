# SPDX-License-Identifier: GPL-3.0-or-later
"""Structured MIME fields: a value and its parameters (RFC 2045, 5.1; RFC 2183, 2; RFC 2231)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from sieve import encodedword
from sieve.charset import readable

_SIGNS = r"[!#-'*+.0-9A-Z^-~-]{1,127}+"
_TYPE = re.compile(rf"\s*+({_SIGNS})\s*+/\s*+({_SIGNS})(?![^\s;(])")
_WORD = re.compile(rf"\s*+({_SIGNS})\s*+(?=[;(]|\Z)")
_PARAMETER = re.compile(r';\s*+([^\s=;"]++)\s*+=\s*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"|([^;]*+))', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMMENT = re.compile(r"\s\([^()]*+\)?\s*+\Z")
_SEGMENT = re.compile(r"([^*]++)\*(?:([0-9]{1,4})(\*)?)?\Z", re.ASCII)


class _Segment(NamedTuple):
    """A piece of a long value (RFC 2231, 3); `extended`: percent signs stand for octets in it (RFC 2231, 4)."""

    value: str
    extended: bool


def media_type(value: str) -> tuple[str, str] | None:
    """Type and subtype of a Content-Type, in lower case."""
    found = _TYPE.match(value)
    return (found[1].lower(), found[2].lower()) if found else None


def disposition(value: str) -> str | None:
    """What a Content-Disposition says before its parameters, in lower case."""
    found = _WORD.match(value)
    return found[1].lower() if found else None


def parameters(value: str) -> dict[str, str]:
    """By their names in lower case, put together from their pieces and decoded. Of two the first counts."""
    plain: dict[str, str] = {}
    segments: dict[str, dict[int, _Segment]] = {}
    for name, text in _listed(value):
        if found := _SEGMENT.match(name):
            pieces = segments.setdefault(found[1], {})
            pieces.setdefault(int(found[2] or 0), _Segment(text, bool(found[3] or not found[2])))
        else:
            # RFC 2047, 5 forbids encoded words here, and many write them.
            plain.setdefault(name, encodedword.decoded(text))
    return plain | {name: _joined(pieces) for name, pieces in segments.items() if 0 in pieces}


def _listed(value: str) -> Iterator[tuple[str, str]]:
    for name, quoted, bare in _PARAMETER.findall(value):
        yield name.lower(), _ESCAPED.sub(r"\1", quoted) if quoted else _unquoted(bare)


def _unquoted(bare: str) -> str:
    bare = _COMMENT.sub("", bare) if "(" in bare else bare
    return bare.strip().removeprefix('"')


def _joined(pieces: dict[int, _Segment]) -> str:
    charset, octets = "utf-8", []
    for number in range(len(pieces)):
        piece = pieces.get(number)
        if piece is None:
            break
        text = piece.value
        if number == 0 and piece.extended and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        whole = text.encode("utf-8", "surrogateescape")
        octets.append(unquote_to_bytes(whole) if piece.extended else whole)
    return readable(b"".join(octets), charset or "utf-8")
