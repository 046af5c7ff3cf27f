# SPDX-License-Identifier: GPL-3.0-or-later
"""Strings as IMAP writes them (RFC 9051, 4.3)."""

from __future__ import annotations

import re

_PLAIN = re.compile(rb"[\x01-\x09\x0b\x0c\x0e-!#-\[\]-\x7f]*+")
_ESCAPED = re.compile(rb'[\\"]')


def string(value: bytes) -> bytes:
    """A quoted string; a literal when there are line ends or 8-bit octets in it. NUL cannot be sent and is dropped."""
    if _PLAIN.fullmatch(value):
        return b'"%b"' % value
    value = value.replace(b"\0", b"")
    if value.isascii() and b"\r" not in value and b"\n" not in value:
        return b'"%b"' % _ESCAPED.sub(rb"\\\g<0>", value)
    return b"{%d}\r\n%b" % (len(value), value)


def nstring(value: bytes | None) -> bytes:
    """A string, NIL for None."""
    return b"NIL" if value is None else string(value)
