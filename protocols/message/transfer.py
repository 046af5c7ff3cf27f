# SPDX-License-Identifier: GPL-3.0-or-later
"""Content transfer encodings undone (RFC 2045, 6)."""

from __future__ import annotations

import binascii
import re
from contextlib import suppress

NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
IDENTITY = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit"})
UUENCODE = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_PADDING = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n|\Z)")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\n]*\n", re.MULTILINE)


class UnknownEncoding(Exception):
    """A transfer encoding that nobody here can undo: UNKNOWN-CTE (RFC 3516, 4.3)."""


def decode(data: bytes, encoding: str) -> bytes:
    """The octets behind a transfer encoding (`Part.encoding`). Damage is read over; raises UnknownEncoding."""
    if encoding in IDENTITY:
        return data
    if encoding == "quoted-printable":
        return decode_quoted_printable(data)
    if encoding == "base64":
        return decode_base64(data)
    if encoding in UUENCODE:
        return Uuencoded().decode(data)
    raise UnknownEncoding(encoding)


def decode_base64(data: bytes) -> bytes:
    """RFC 2045, 6.8: other octets are ignored, padding ends the data. A missing end is made up."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        digits = data.translate(None, NOT_BASE64).partition(b"=")[0]
        usable = digits[:-1] if len(digits) % 4 == 1 else digits
        return binascii.a2b_base64(usable + b"==")


def decode_quoted_printable(data: bytes) -> bytes:
    """RFC 2045, 6.7: white space at the end of a line was added on the way and goes."""
    return binascii.a2b_qp(_PADDING.sub(b"", data))


class Uuencoded:
    """Lines of uuencode. Those up to `begin` are passed over when they come at first; the last one is `end`."""

    def __init__(self) -> None:
        self._begun = self._ended = False

    def decode(self, lines: bytes) -> bytes:
        """What these whole lines hold; the next call goes on behind them."""
        if lines and not self._begun:
            self._begun = True
            lines = _after_uu_begin(lines)
        decoded = []
        for line in lines.split(b"\n"):
            self._ended = self._ended or line.rstrip() == b"end"
            if self._ended:
                break
            decoded.append(_decode_uu_line(line))
        return b"".join(decoded)


def _after_uu_begin(data: bytes) -> bytes:
    """What follows the first `begin` line; all of it where there is none."""
    begin = _UU_BEGIN.search(data)
    return data[begin.end() :] if begin else data


def _decode_uu_line(line: bytes) -> bytes:
    """One line; nothing where it is no such line. The first octet tells how many follow: some writers add more."""
    line = line.rstrip(b"\r")
    if not line:
        return b""
    size = (((line[0] - 32) & 63) * 4 + 5) // 3
    with suppress(binascii.Error):
        return binascii.a2b_uu(line[:size])
    return b""
