# SPDX-License-Identifier: GPL-3.0-or-later
"""Header fields: where they are in a message, and their values as people read them (RFC 5322, 2.2; RFC 2047)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from sieve import encodedword

MAX_FIELDS = 10_000
"""Of one header; what is behind them is kept, and not looked at."""

_EMPTY_LINE = re.compile(rb"\n\r?\n")
_FIELD = re.compile(rb"(?:([!-9;-~]++)[ \t]*+:)?+([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)")
_FOLD = re.compile(r"\r?\n(?=[ \t])")


class Field(NamedTuple):
    """`raw` is what stands behind the colon, without the last line end. A line that is no field has the name ""."""

    name: str
    raw: bytes
    received: bytes | None = None
    """The whole of it, with its line end, where it came with the message."""
    fixed: bool = False
    """No script removes it."""

    @classmethod
    def of(cls, line: str) -> Field:
        """A field as it is written, folded where it is to be folded."""
        name, _, value = line.partition(":")
        return cls(name, value.encode("utf-8", "surrogateescape"))

    def line(self) -> bytes:
        """As it goes into a message."""
        return self.received or b"%b:%b\r\n" % (self.name.encode("utf-8", "surrogateescape"), self.raw)


class Header:
    """The fields of a message or of a part. It never changes, so copies share what was decoded once."""

    __slots__ = ("_decoded", "_raw", "_unfolded", "fields")

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = fields
        self._decoded: dict[str, list[str]] = {}
        self._unfolded: dict[str, list[str]] = {}
        self._raw: dict[str, list[bytes]] | None = None

    def values(self, name: str) -> list[str]:
        """The values of all fields of this name, in their order, unfolded and decoded."""
        found = self._decoded.get(name)
        if found is None:
            found = self._decoded[name] = list(map(encodedword.decoded, self.undecoded(name)))
        return found

    def undecoded(self, name: str) -> list[str]:
        """The same with their encoded words, as addresses and parameters are read (RFC 2047, 6.2)."""
        found = self._unfolded.get(name)
        if found is None:
            found = self._unfolded[name] = list(map(unfolded, self._named(name)))
        return found

    def has(self, name: str) -> bool:
        """Is there a field of this name?"""
        return bool(self._named(name))

    def first(self, name: str) -> str | None:
        """The first of `undecoded`."""
        return next(iter(self.undecoded(name)), None)

    def _named(self, name: str) -> Sequence[bytes]:
        if self._raw is None:
            self._raw = {}
            for field in self.fields:
                if field.name:
                    self._raw.setdefault(field.name.lower(), []).append(field.raw)
        return self._raw.get(name.lower(), ())


def header_end(data: bytes, start: int, end: int) -> int:
    """Where the header of `data[start:end]` ends: at the empty line, if there is one."""
    if data.startswith((b"\n", b"\r\n"), start, end):
        return start
    found = _EMPTY_LINE.search(data, start, end)
    return found.start() + 1 if found else end


def body_start(data: bytes, header_end: int, end: int) -> int:
    """What is behind the empty line."""
    return min(data.find(b"\n", header_end, end) + 1 or end, end)


def split(data: bytes) -> tuple[bytes, bytes]:
    """The header block, with the line end of its last field, and what follows it: the empty line and the body."""
    end = header_end(data, 0, len(data))
    return data[:end], data[end:]


def fields(block: bytes) -> list[Field]:
    """In their order, with the lines that are no fields, so that nothing is lost."""
    found: list[Field] = []
    at = 0
    for match in islice(_FIELD.finditer(block), MAX_FIELDS):
        if match[0]:
            found.append(_field(match))
        at = match.end()
    if at < len(block):
        found.append(Field("", b"", block[at:]))
    return found


def _field(match: re.Match[bytes]) -> Field:
    whole = match[0]
    received = whole if whole.endswith(b"\n") else None
    if match[1] is None:
        return Field("", b"", received or whole + b"\r\n")
    return Field(text(match[1]), match[2].removesuffix(b"\r"), received)


def text(octets: bytes) -> str:
    """Octets as strings of scripts have them."""
    return octets.decode("utf-8", "surrogateescape")


def unfolded(raw: bytes) -> str:
    """A value on one line, not decoded."""
    value = text(raw)
    return (_FOLD.sub("", value) if "\n" in value else value).strip(" \t\r\n")


def decoded(raw: bytes) -> str:
    """A value as a person reads it (RFC 5228, 2.7.2)."""
    return encodedword.decoded(unfolded(raw))
