# SPDX-License-Identifier: GPL-3.0-or-later
"""Content transfer encodings undone (RFC 2045, 6). Damage is read over."""

from __future__ import annotations

import binascii

IDENTITY = frozenset({"", "7bit", "7-bit", "8bit", "8-bit", "binary"})
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))


def decoded(octets: bytes, encoding: str) -> bytes | None:
    """`encoding` is in lower case. None when it is not known."""
    if encoding in IDENTITY:
        return octets
    if encoding == "quoted-printable":
        return quoted_printable(octets)
    if encoding == "base64":
        return base64(octets)
    return None


def base64(octets: bytes) -> bytes:
    """RFC 2045, 6.8: other octets are ignored, padding ends the data. A missing end is made up."""
    try:
        return binascii.a2b_base64(octets)
    except binascii.Error:
        digits = octets.translate(None, _NOT_BASE64).partition(b"=")[0]
        usable = digits[:-1] if len(digits) % 4 == 1 else digits
        return binascii.a2b_base64(usable + b"==")


def quoted_printable(octets: bytes) -> bytes:
    """RFC 2045, 6.7: white space at the end of a line was added on the way and goes."""
    if b" \r\n" in octets or b"\t\r\n" in octets or b" \n" in octets or b"\t\n" in octets:
        octets = b"\n".join([_without_padding(line) for line in octets.split(b"\n")])
    return binascii.a2b_qp(octets)


def _without_padding(line: bytes) -> bytes:
    return line[:-1].rstrip(b" \t") + b"\r" if line.endswith(b"\r") else line.rstrip(b" \t")
