# SPDX-License-Identifier: GPL-3.0-or-later
"""A message for a server without 8BITMIME: parts with octets above 127 get an encoding that has none (RFC 6152, 3)."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator, Sequence
from mmap import mmap

from protocols.message import Part

_ENCODING = re.compile(rb"(?im)^content-transfer-encoding[ \t]*:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")
_MIME_VERSION = re.compile(rb"(?im)^mime-version[ \t]*:")
_EIGHT = re.compile(rb"[\x80-\xff]")


def has_eight_bit(data: bytes | mmap) -> bool:
    return _EIGHT.search(data) is not None


def in_seven_bit(data: bytes | mmap, parts: Sequence[Part]) -> Iterator[bytes]:
    """The message in pieces; `parts` are what `protocols.message` found in it, in their order. Header fields stay."""
    at = 0
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        composite = part.kind.startswith("multipart/") or (following is not None and following.body <= part.end)
        if composite and part.encoding not in ("8bit", "binary"):
            continue
        if not composite and not _EIGHT.search(data, part.body, part.end):
            continue
        # RFC 2045, 6.4: what holds other parts is never encoded itself; after them it is 7bit.
        text = part.kind.startswith("text/")
        encoding = b"7bit" if composite else b"quoted-printable" if text else b"base64"
        yield data[at : part.header]
        yield _labelled(data[part.header : part.body], encoding, whole=part.number == "")
        at = part.body
        if not composite:
            yield _encoded(data[part.body : part.end], text=text)
            at = part.end
    yield data[at:]


def _labelled(header: bytes, encoding: bytes, *, whole: bool) -> bytes:
    """The header of a part that says its new encoding."""
    field = b"Content-Transfer-Encoding: " + encoding + b"\r\n"
    if whole and not _MIME_VERSION.search(header):
        field = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n" + field
    end = -2 if header.endswith(b"\r\n\r\n") or header == b"\r\n" else len(header)
    return _ENCODING.sub(b"", header[:end]) + field + header[end:]


def _encoded(content: bytes, *, text: bool) -> bytes:
    if text:
        # Python's encoder wants bare line feeds, and leaves them.
        return quopri.encodestring(content.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    digits = binascii.b2a_base64(content, newline=False)
    return b"".join(digits[i : i + 76] + b"\r\n" for i in range(0, len(digits), 76))
