# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the parts of a message lie, and how the store keeps that."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import NamedTuple

_FIXED = struct.Struct("<QQQHBBB")
_PLACES = struct.Struct("<QQQ")
"""How the above begins."""


class Part(NamedTuple):
    """One body part and where its octets lie in the message.

    `number` is the section of RFC 9051, 6.4.5.1 ("1", "2.1"). `header` to `body` are the part's MIME header with its
    empty line, `body` to `end` its content. `kind` is "text/plain" and so on, `encoding` the transfer encoding,
    `charset` what the content type says, all lower case.
    The message itself comes first, with the number "". A part of type message/rfc822 or message/global, "2", is
    followed by the message inside it, "2.": its header is "2.HEADER", its content "2.TEXT". So a message is numbered
    by what the numbers of its parts start with. Where a message is not multipart, its only part ("1", "2.1") has
    the same octets and is not listed again. `protocols.message.section` knows all this.
    """

    number: str
    kind: str
    encoding: str
    charset: str
    header: int
    body: int
    end: int


def pack_parts(parts: Iterable[Part]) -> bytes:
    """Parts as octets: some 45 a part."""
    packed = []
    for part in parts:
        texts = [text.encode("ascii") for text in (part.number, part.kind, part.encoding, part.charset)]
        packed += [_FIXED.pack(part.header, part.body, part.end, *map(len, texts)), *texts]
    return b"".join(packed)


def moved_parts(packed: bytes, by: int) -> bytes:
    """Packed parts of a message whose header has grown by so many octets: all but its beginning is further behind."""
    moved = bytearray(packed)
    at = 0
    while at < len(packed):
        header, body, end, *sizes = _FIXED.unpack_from(packed, at)
        _PLACES.pack_into(moved, at, header + by if at else header, body + by, end + by)
        at += _FIXED.size + sum(sizes)
    return bytes(moved)


def unpack_parts(packed: bytes) -> tuple[Part, ...]:
    """What `pack_parts` took."""
    parts = []
    at = 0
    while at < len(packed):
        header, body, end, *sizes = _FIXED.unpack_from(packed, at)
        at += _FIXED.size
        texts = []
        for size in sizes:
            texts.append(packed[at : at + size].decode("ascii"))
            at += size
        number, kind, encoding, charset = texts
        parts.append(Part(number, kind, encoding, charset, header, body, end))
    return tuple(parts)
