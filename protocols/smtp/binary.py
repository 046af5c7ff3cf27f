# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of encoding `binary` become base64, which keeps their octets (RFC 3030, 3); all others stay as they are."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence
from mmap import mmap

from protocols.message import Part

_ENCODING = re.compile(rb"(?im)^content-transfer-encoding[ \t]*:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")
_LINE = 57
"""Octets in a line of 76 characters (RFC 2045, 6.8)."""
_PIECE = _LINE * 4096


def without_binary(data: bytes | mmap, parts: Sequence[Part]) -> Iterator[bytes]:
    """The message in pieces. `parts` are what `protocols.message` found in it, in their order."""
    at = 0
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        if part.encoding != "binary":
            continue
        # RFC 2045, 6.4: multipart and message may be 8bit and never base64; what is inside them is encoded instead.
        composite = part.kind.startswith("multipart/") or (following is not None and following.body <= part.end)
        yield from _pieces(data, at, part.header)
        yield _ENCODING.sub(
            b"Content-Transfer-Encoding: " + (b"8bit" if composite else b"base64") + b"\r\n",
            data[part.header : part.body],
        )
        at = part.body
        if not composite:
            yield from _encoded(data, part.body, part.end)
            at = part.end
    yield from _pieces(data, at, len(data))


def _pieces(data: bytes | mmap, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, _PIECE):
        yield data[at : min(at + _PIECE, end)]


def _encoded(data: bytes | mmap, start: int, end: int) -> Iterator[bytes]:
    """Lines of base64. The line end before a boundary is the boundary's; at the end of the message one is added."""
    for at in range(start, end, _PIECE):
        last = at + _PIECE >= end
        text = binascii.b2a_base64(data[at : min(at + _PIECE, end)], newline=False)
        lines = b"\r\n".join([text[i : i + 76] for i in range(0, len(text), 76)])
        yield lines if last and end < len(data) else lines + b"\r\n"
