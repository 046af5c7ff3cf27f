# SPDX-License-Identifier: GPL-3.0-or-later
"""BINARY and BINARY.SIZE: parts without their transfer encoding (RFC 3516, 4; RFC 9051, 6.4.5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ikserver.imap.errors import Refused
from ikserver.imap.fetching.batch import PIECE, Batch, Source
from ikserver.imap.fetching.sections import clip
from protocols.imap.fetch import Binary, BinarySize
from protocols.imap.strings import NIL, literal, literal8
from protocols.message import Part, section
from protocols.message.transfer import UnknownEncoding, decode

Write = Callable[[bytes | None], bytes]


class DecodedItem:
    """One part, decoded; `write` makes the value of its octets, or of None where there is no such part."""

    __slots__ = ("_part", "_write", "name")

    def __init__(self, name: bytes, part: str, write: Write) -> None:
        self.name, self._part, self._write = name, part, write

    async def values(self, batch: Batch) -> Sequence[bytes | None]:
        sources, parts = await batch.sources(), await batch.parts()
        return [await self._value(*pair) for pair in zip(sources, parts, strict=True)]

    async def _value(self, source: Source, parts: Sequence[Part] | None) -> bytes | None:
        if parts is None:
            return None
        try:
            return self._write(await self._decoded(source, parts))
        except KeyError:
            return None

    async def _decoded(self, source: Source, parts: Sequence[Part]) -> bytes | None:
        """RFC 9051, 6.4.5.1: the empty section is the whole message, whose encoding is that of its parts."""
        if not self._part:
            return await source.read(0, source.size)
        part = section.find(parts, self._part)
        if part is None:
            return None
        octets = await source.read(part.body, part.end)
        try:
            if len(octets) <= PIECE:
                return decode(octets, part.encoding)
            return await asyncio.to_thread(decode, octets, part.encoding)
        except UnknownEncoding as error:
            # RFC 3516, 4.3.
            raise Refused(f"the transfer encoding {error} is not known", "UNKNOWN-CTE") from error


def binary_item(wanted: Binary) -> DecodedItem:
    """RFC 3516, 4.2: a literal8 only where NUL is among the octets, since every client reads the other."""

    def write(octets: bytes | None) -> bytes:
        if octets is None:
            return NIL
        start, end = clip((0, len(octets)), wanted.partial)
        octets = octets[start:end]
        return literal8(octets) if b"\0" in octets else literal(octets)

    offset = b"<%d>" % wanted.partial[0] if wanted.partial else b""
    return DecodedItem(b"BINARY[%b]%b" % (wanted.part.encode("ascii"), offset), wanted.part, write)


def binary_size_item(wanted: BinarySize) -> DecodedItem:
    """A part that does not exist has no octets."""
    name = b"BINARY.SIZE[%b]" % wanted.part.encode("ascii")
    return DecodedItem(name, wanted.part, lambda octets: b"%d" % len(octets or b""))
