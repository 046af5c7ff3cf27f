# SPDX-License-Identifier: GPL-3.0-or-later
"""Items that need octets of the message: BODY[...], RFC822 and their kin (RFC 9051, 6.4.5.1)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from functools import lru_cache

from ikserver.imap.fetching.batch import PIECE, Batch, Source
from ikserver.model.mail import Fact
from ikserver.store.api.mail import Render
from protocols.imap.fetch import BodySection, Section, SectionText
from protocols.imap.strings import NIL, astring, literal
from protocols.message import LISTED, Part, field_selector, section

Span = tuple[int, int]
Locate = Callable[[Sequence[Part], str], Span | None]

LOCATE: dict[SectionText, Locate] = {
    SectionText.WHOLE: section.whole,
    SectionText.HEADER: section.header,
    SectionText.HEADER_FIELDS: section.header,
    SectionText.HEADER_FIELDS_NOT: section.header,
    SectionText.TEXT: section.text,
    SectionText.MIME: section.mime,
}


def section_name(wanted: BodySection) -> bytes:
    """`BODY[1.HEADER.FIELDS (From To)]<0>`: the fields as the client spelled them, the offset without length."""
    words = [word for word in (wanted.section.part, wanted.section.text.value) if word]
    inside = ".".join(words).encode("ascii")
    if wanted.section.text in (SectionText.HEADER_FIELDS, SectionText.HEADER_FIELDS_NOT):
        inside += b" (%b)" % b" ".join(astring(name.encode("utf-8")) for name in wanted.section.fields)
    offset = b"<%d>" % wanted.partial[0] if wanted.partial else b""
    return b"BODY[%b]%b" % (inside, offset)


def clip(span: Span, partial: Span | None) -> Span:
    """What `<offset.length>` leaves of a span; an offset behind its end leaves nothing."""
    if partial is None:
        return span
    start = min(span[0] + partial[0], span[1])
    return start, min(start + partial[1], span[1])


class OctetsItem:
    """A section that is a span of the message as it was received."""

    __slots__ = ("_locate", "_part", "_partial", "_whole", "name")

    def __init__(self, name: bytes, wanted: Section, partial: Span | None = None) -> None:
        self.name = name
        self._locate, self._part, self._partial = LOCATE[wanted.text], wanted.part, partial
        self._whole = wanted == Section()

    async def values(self, batch: Batch) -> Sequence[bytes | None]:
        spans = await self.spans(batch)
        sources = await batch.sources()
        return [await self._value(source, span) for source, span in zip(sources, spans, strict=True)]

    async def spans(self, batch: Batch) -> Sequence[Span | None]:
        """Where the section lies in each message; None where there is no such section."""
        if self._whole:
            return [clip((0, size), self._partial) for size in batch.pick(batch.view.columns.sizes)]
        return [self._span(parts) if parts else (0, 0) for parts in await batch.parts()]

    async def large(self, batch: Batch) -> AsyncIterator[bytes]:
        (source,), (span,) = await batch.sources(), await self.spans(batch)
        return _pieces(source, span)

    def _span(self, parts: Sequence[Part]) -> Span | None:
        span = self._locate(parts, self._part)
        return span and clip(span, self._partial)

    async def _value(self, source: Source, span: Span | None) -> bytes | None:
        if span is None:
            return NIL
        try:
            return literal(await source.read(*span))
        except KeyError:
            return None


async def _pieces(source: Source, span: Span | None) -> AsyncIterator[bytes]:
    if span is None:
        yield NIL
        return
    start, end = span
    yield b"{%d}\r\n" % (end - start)
    for at in range(start, end, PIECE):
        yield await source.piece(at, min(at + PIECE, end))


class FieldsItem:
    """HEADER.FIELDS and HEADER.FIELDS.NOT: lines picked from a header."""

    __slots__ = ("_part", "_partial", "_select", "name")

    def __init__(self, name: bytes, wanted: Section, partial: Span | None) -> None:
        self.name = name
        self._select = field_selector(_names(wanted), wanted.text is SectionText.HEADER_FIELDS_NOT)
        self._part, self._partial = wanted.part, partial

    async def values(self, batch: Batch) -> Sequence[bytes | None]:
        sources, parts = await batch.sources(), await batch.parts()
        return [await self._value(*pair) for pair in zip(sources, parts, strict=True)]

    async def _value(self, source: Source, parts: Sequence[Part] | None) -> bytes | None:
        span = section.header(parts, self._part) if parts else (0, 0)
        if span is None:
            return NIL
        try:
            fields = self._select(await source.read(*span))
        except KeyError:
            return None
        start, end = clip((0, len(fields)), self._partial)
        return literal(fields[start:end])


class ListedFieldsItem(FieldsItem):
    """HEADER.FIELDS of fields that are kept beside each message: the message itself is not touched."""

    __slots__ = ("_render",)

    def __init__(self, name: bytes, wanted: Section) -> None:
        super().__init__(name, wanted, None)
        self._render = _picking(_names(wanted))

    async def values(self, batch: Batch) -> Sequence[bytes | None]:
        picked = await batch.fact(Fact.HEADERS, self._render)
        if all(picked):
            return picked
        # Nothing is kept where the listed fields were too long.
        rest = [place for place, value in enumerate(picked) if not value]
        others = await super().values(Batch(batch.mail, batch.view, [batch.rows[place] for place in rest]))
        values = list(picked)
        for place, value in zip(rest, others, strict=True):
            values[place] = value
        return values


@lru_cache(maxsize=64)
def _picking(names: frozenset[bytes]) -> Render:
    """What makes the literal of these fields; of nothing it makes nothing. The store keeps results by the function, so
    the same fields get the same one."""
    select = field_selector(names)
    return lambda block: block and literal(select(block))


def _names(wanted: Section) -> frozenset[bytes]:
    return frozenset(field.lower().encode("utf-8") for field in wanted.fields)


def fields_item(name: bytes, wanted: Section, partial: Span | None) -> FieldsItem:
    """The cheaper of the two that can answer."""
    whole = not wanted.part and partial is None
    if whole and wanted.text is SectionText.HEADER_FIELDS and _names(wanted) <= LISTED:
        return ListedFieldsItem(name, wanted)
    return FieldsItem(name, wanted, partial)
