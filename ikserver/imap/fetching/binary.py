# SPDX-License-Identifier: GPL-3.0-or-later
"""BINARY and BINARY.SIZE: parts without their transfer encoding (RFC 3516, 4; RFC 9051, 6.4.5)."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence

from ikserver.imap.errors import Refused
from ikserver.imap.fetching.batch import PIECE, Batch, Read, Source, only
from ikserver.imap.fetching.sections import clip
from protocols.imap.fetch import Binary, BinarySize
from protocols.imap.strings import NIL, literal, literal8
from protocols.message import Part, UnknownEncoding, decode, decoder, section

IDENTITY = ""
"""The encoding of what is taken as it is."""


class _DecodedItem(ABC):
    """One part, decoded. How it is told is said by `BinaryItem` and `BinarySizeItem`."""

    __slots__ = ("_part", "name")

    def __init__(self, name: bytes, part: str) -> None:
        self.name, self._part = name, part

    @abstractmethod
    def _told(self, octets: bytes | None) -> bytes:
        """The value of the part's octets, or of None where there is no such part."""

    async def values(self, batch: Batch) -> Sequence[bytes | None]:
        sources, parts = await batch.sources(), await batch.parts()
        return [await self._value(*pair) for pair in zip(sources, parts, strict=True)]

    async def _value(self, source: Source, parts: Sequence[Part] | None) -> bytes | None:
        if parts is None:
            return None
        found = self._found(source, parts)
        if found is None:
            return self._told(None)
        start, end, encoding = found
        try:
            return self._told(decode(await source.read(start, end), encoding))
        except KeyError:
            return None

    def _found(self, source: Source, parts: Sequence[Part]) -> tuple[int, int, str] | None:
        """From where to where, and in which encoding. Raises Refused where nobody here can undo that.

        RFC 9051, 6.4.5.1: the empty section is the whole message, whose encoding is that of its parts.
        """
        if not self._part:
            return 0, source.size, IDENTITY
        part = section.find(parts, self._part)
        if part is None:
            return None
        try:
            decoder(part.encoding)
        except UnknownEncoding as error:
            # RFC 3516, 4.3.
            raise Refused(f"the transfer encoding {error} is not known", "UNKNOWN-CTE") from error
        return part.body, part.end, part.encoding

    async def _found_in(self, batch: Batch) -> tuple[Source, tuple[int, int, str] | None]:
        """Of the one message in the batch. Raises KeyError, Refused."""
        (source,), (parts,) = await batch.sources(), await batch.parts()
        if parts is None:
            raise KeyError(batch.bodies[0])
        return source, self._found(source, parts)


class BinaryItem(_DecodedItem):
    """RFC 3516, 4.2: a literal8 only where NUL is among the octets, since every client reads the other."""

    __slots__ = ("_partial",)

    def __init__(self, wanted: Binary) -> None:
        offset = b"<%d>" % wanted.partial[0] if wanted.partial else b""
        super().__init__(b"BINARY[%b]%b" % (wanted.part.encode("ascii"), offset), wanted.part)
        self._partial = wanted.partial

    def _told(self, octets: bytes | None) -> bytes:
        if octets is None:
            return NIL
        start, end = clip((0, len(octets)), self._partial)
        octets = octets[start:end]
        return literal8(octets) if b"\0" in octets else literal(octets)

    async def large(self, batch: Batch) -> AsyncIterator[bytes]:
        """The length comes first, so that the part is decoded twice: once to count, once to send."""
        source, found = await self._found_in(batch)
        if found is None:
            return only(NIL)
        size, has_nul = 0, False
        async for piece in self._pieces(source.read, *found):
            size += len(piece)
            has_nul = has_nul or b"\0" in piece
        opening = b"%b{%d}\r\n" % (b"~" if has_nul else b"", size)
        return _led(opening, self._pieces(source.piece, *found))

    async def _pieces(self, read: Read, start: int, end: int, encoding: str) -> AsyncIterator[bytes]:
        """What `<offset.length>` leaves of the decoded octets."""
        at, (first, last) = 0, clip((0, end - start), self._partial)
        async for piece in _decoded(read, start, end, encoding):
            yield piece[max(0, first - at) : max(0, last - at)]
            at += len(piece)
            if at >= last:
                return


class BinarySizeItem(_DecodedItem):
    """A part that does not exist has no octets."""

    __slots__ = ()

    def __init__(self, wanted: BinarySize) -> None:
        super().__init__(b"BINARY.SIZE[%b]" % wanted.part.encode("ascii"), wanted.part)

    def _told(self, octets: bytes | None) -> bytes:
        return b"%d" % len(octets or b"")

    async def large(self, batch: Batch) -> AsyncIterator[bytes]:
        source, found = await self._found_in(batch)
        pieces = _decoded(source.read, *found) if found else only(b"")
        return only(b"%d" % sum([len(piece) async for piece in pieces]))


async def _decoded(read: Read, start: int, end: int, encoding: str) -> AsyncIterator[bytes]:
    undone = decoder(encoding)
    for at in range(start, end, PIECE):
        yield undone.feed(await read(at, min(at + PIECE, end)))
        # What lies in the page cache never makes us wait, and would starve the others.
        await asyncio.sleep(0)
    yield undone.finish()


async def _led(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in others:
        yield piece
