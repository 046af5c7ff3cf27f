# SPDX-License-Identifier: GPL-3.0-or-later
"""Header fields: where they are in a message, and their values as people read them (RFC 5322, 2.2; RFC 2047)."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from quopri import decodestring
from typing import NamedTuple

_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)|[^\n]*+(?:\n|\Z)")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?\s]*)\?=")
_BETWEEN = re.compile(r"(=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=)[ \t\r\n]+(?==\?[^?\s]+\?[bBqQ]\?)")


class Field(NamedTuple):
    """`raw` is what stands behind the colon, without the last line end."""

    name: str
    raw: bytes

    def line(self) -> bytes:
        """As it goes into a message, if it was not there before."""
        return b"%b:%b\r\n" % (self.name.encode("utf-8", "surrogateescape"), self.raw)


def split(data: bytes) -> tuple[bytes, bytes]:
    """The header block, with the line end of its last field, and what follows it: the empty line and the body."""
    if data.startswith((b"\n", b"\r\n")):
        return b"", data
    found = _EMPTY_LINE.search(data)
    if found is None:
        return data, b""
    end = data.index(b"\n", found.start()) + 1
    return data[:end], data[end:]


def fields(block: bytes) -> list[Field]:
    """In their order. Lines that are no fields are left out."""
    found = []
    for match in _FIELD.finditer(block):
        if match[1]:
            found.append(Field(text(match[1]), match[2].removesuffix(b"\r")))
        elif not match[0]:
            break
    return found


def text(octets: bytes) -> str:
    """Octets as strings of scripts have them."""
    return octets.decode("utf-8", "surrogateescape")


def unfolded(raw: bytes) -> str:
    """A value on one line, not decoded."""
    return _FOLD.sub("", text(raw)).strip(" \t\r\n")


def decoded(raw: bytes) -> str:
    """A value as a person reads it (RFC 5228, 2.7.2). What cannot be decoded stays as it is."""
    value = unfolded(raw)
    if "=?" not in value:
        return value
    return _WORD.sub(_word, _BETWEEN.sub(r"\1", value))


def _word(found: re.Match[str]) -> str:
    charset, encoding, content = found[1], found[2].lower(), found[3].encode("utf-8", "surrogateescape")
    try:
        octets = b64decode(content + b"=" * (-len(content) % 4)) if encoding == "b" else _q(content)
        return octets.decode(charset)
    except (Base64Error, LookupError, ValueError):
        return found[0]


def _q(content: bytes) -> bytes:
    return decodestring(content, header=True)
