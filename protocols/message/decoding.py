# SPDX-License-Identifier: GPL-3.0-or-later
"""Content transfer encodings undone piece by piece (RFC 2045, 6), so that a part of any size needs little memory."""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import Protocol

from protocols.message.transfer import (
    IDENTITY,
    NOT_BASE64,
    UUENCODE,
    UnknownEncoding,
    Uuencoded,
    decode_base64,
    decode_quoted_printable,
)

LONGEST_LINE = 1 << 20
"""Lines above are cut: nobody may make a piece as long as the whole."""


class Decoder(Protocol):
    """Takes a part in pieces, cut anywhere; what it gives, joined, is what `transfer.decode` makes of the whole."""

    def feed(self, piece: bytes) -> bytes: ...

    def finish(self) -> bytes:
        """What was held back until it was known that nothing follows."""


def decoder(encoding: str) -> Decoder:
    """For a transfer encoding (`Part.encoding`). Raises UnknownEncoding."""
    if encoding in IDENTITY:
        return _Identity()
    if encoding == "base64":
        return _Base64()
    if encoding == "quoted-printable":
        return _Lines(decode_quoted_printable)
    if encoding in UUENCODE:
        return _Lines(Uuencoded().decode)
    raise UnknownEncoding(encoding)


class _Identity:
    def feed(self, piece: bytes) -> bytes:
        return piece

    def finish(self) -> bytes:
        return b""


class _Base64:
    """Four digits at a time; padding ends the data (RFC 2045, 6.8)."""

    def __init__(self) -> None:
        self._held = b""
        self._ended = False

    def feed(self, piece: bytes) -> bytes:
        if self._ended:
            return b""
        digits = self._held + piece.translate(None, NOT_BASE64)
        if b"=" in digits:
            self._ended, self._held = True, b""
            return decode_base64(digits)
        whole = len(digits) & ~3
        self._held = digits[whole:]
        return binascii.a2b_base64(digits[:whole])

    def finish(self) -> bytes:
        return decode_base64(self._held)


class _Lines:
    """Whole lines at a time."""

    def __init__(self, decode: Callable[[bytes], bytes]) -> None:
        self._decode = decode
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        data = self._held + piece
        end = data.rfind(b"\n") + 1
        if not end and len(data) > LONGEST_LINE:
            # `=3D` of quoted-printable stays in one piece, and so does white space that may end its line.
            end = len(data) - 3 + data[-3:].find(b"=") if b"=" in data[-3:] else len(data.rstrip(b" \t\r")) or len(data)
        self._held = data[end:]
        return self._decode(data[:end])

    def finish(self) -> bytes:
        return self._decode(self._held)
