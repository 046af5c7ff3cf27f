# SPDX-License-Identifier: GPL-3.0-or-later
"""Strings as a server writes them (RFC 9051, 4.3): octets in, octets of the wire out."""

from __future__ import annotations

import re
from functools import lru_cache

from protocols.imap.mailbox_names import encode_name

NIL = b"NIL"

_ATOM = re.compile(rb"(?!NIL\Z)[^\x00-\x20(){%*\"\\\]\x7f-\xff]+", re.IGNORECASE)
_QUOTABLE = re.compile(rb"[ !#-\[\]-~]*")
_QUOTABLE_WITH_ESCAPES = re.compile(rb"[ -~]{0,1000}")
_SPECIALS = re.compile(rb'["\\]')


def string(octets: bytes) -> bytes:
    """Quoted where that can be (printable ASCII), else a literal. NUL must not be among the octets."""
    if len(octets) <= 1000 and _QUOTABLE.fullmatch(octets):
        return b'"%b"' % octets
    if _QUOTABLE_WITH_ESCAPES.fullmatch(octets):
        return quoted(octets)
    return literal(octets)


def nstring(octets: bytes | None) -> bytes:
    """As `string`, or NIL."""
    return NIL if octets is None else string(octets)


def quoted(octets: bytes) -> bytes:
    """Always quoted; for octets without CR, LF and NUL."""
    return b'"%b"' % _SPECIALS.sub(rb"\\\g<0>", octets)


def literal(octets: bytes) -> bytes:
    """`{n}`, a line end, and the octets."""
    return b"{%d}\r\n%b" % (len(octets), octets)


def literal8(octets: bytes) -> bytes:
    """For octets that may hold NUL, of BINARY only (RFC 9051, 4.3.1)."""
    return b"~{%d}\r\n%b" % (len(octets), octets)


def astring(octets: bytes) -> bytes:
    """An atom where that can be; NIL is put in quotes."""
    return octets if _ATOM.fullmatch(octets) else string(octets)


@lru_cache(maxsize=1024)
def mailbox_name(name: str, *, utf8: bool) -> bytes:
    """A mailbox name for a client that reads UTF-8 (RFC 9051, 5.1) or modified UTF-7 (RFC 3501, 5.1.3)."""
    octets = encode_name(name, utf8=utf8)
    if octets.isascii():
        return astring(octets)
    # RFC 9051, 4.3: quoted strings hold UTF-8. A name with a control character still needs a literal.
    return quoted(octets) if name.isprintable() else literal(octets)
