# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk over a message that finds its parts and describes them (RFC 2046, 5.1; RFC 9051, 7.5.2)."""

from __future__ import annotations

from mmap import mmap
from typing import NamedTuple

from protocols.message import bodywire
from protocols.message.bodywire import Shape
from protocols.message.boundary import Span, split
from protocols.message.content import MESSAGE, OPAQUE, PLAIN, ContentType, content_type, parameter, token
from protocols.message.envelope import envelope_wire, read_envelope
from protocols.message.header import WINDOW, Header, header_end
from protocols.message.part import Part

MAX_DEPTH = 100
MAX_PARTS = 10_000
MAX_HEADER = 256 * 1024
"""Octets of one header that are read; the rest of it counts as header and is not looked at."""
MAX_INNER_HEADERS = 1024 * 1024
"""Octets of all headers but the first that are read."""
MIN_SEARCHED = 64 * 1024 * 1024
"""Octets looked through for boundaries and line ends, all levels together; eight times the message if that is more."""


class Entity(NamedTuple):
    """A part on the walk. `number` as in `Part`; the content goes from `body` to `end`."""

    number: str
    header: Header
    kind: ContentType
    encoding: bytes
    body: int
    end: int
    depth: int

    @property
    def is_message(self) -> bool:
        return not self.number or self.number.endswith(".")

    @property
    def prefix(self) -> str:
        """What the numbers of the parts of this multipart start with."""
        return self.number if self.is_message else f"{self.number}."

    @property
    def inner_prefix(self) -> str:
        """What the numbers of the parts of the message in this message/rfc822 start with."""
        return f"{self.number}1." if self.is_message else f"{self.number}."


class Walk:
    """One walk: `parts` fills up as it goes. The limits bound its work whatever the message is made of."""

    def __init__(self, data: bytes | mmap) -> None:
        self.parts: list[Part] = []
        self._data = data
        self._headers_left = MAX_HEADER + MAX_INNER_HEADERS
        self._search_left = max(MIN_SEARCHED, 8 * len(data))

    def visit(self, number: str, span: Span, depth: int = 0, default: ContentType = PLAIN) -> tuple[Header, Shape]:
        """Add a part and those inside it to `parts`; return its header and its shape."""
        body = header_end(self._data, span.start, span.limit)
        end = max(body, span.end)
        header = self._header(span.start, body)
        kind = content_type(header.first(b"content-type"), default)
        if kind.is_container and not self._may_enter(depth, end - body):
            kind = OPAQUE
        encoding = token(header.first(b"content-transfer-encoding")) or b"7bit"
        charset = parameter(kind.parameters, b"charset")
        self.parts.append(Part(number, kind.kind, _label(encoding), _label(charset), span.start, body, end))
        entity = Entity(number, header, kind, encoding, body, end, depth)
        return header, self._multipart(entity) if kind.is_multipart else self._leaf(entity)

    def _header(self, start: int, body: int) -> Header:
        size = min(body - start, MAX_HEADER, self._headers_left)
        self._headers_left -= size
        return Header(self._data[start : start + size])

    def _may_enter(self, depth: int, size: int) -> bool:
        self._search_left -= size
        return depth < MAX_DEPTH and len(self.parts) < MAX_PARTS and self._search_left >= 0

    def _multipart(self, entity: Entity) -> Shape:
        default = MESSAGE if entity.kind.kind == "multipart/digest" else PLAIN
        shapes = []
        for n, part in enumerate(split(self._data, entity.kind.boundary, entity.body, entity.end), 1):
            full = len(self.parts) >= MAX_PARTS
            span = Span(part.start, entity.end, entity.end) if full else part
            shapes.append(self.visit(f"{entity.prefix}{n}", span, entity.depth + 1, default)[1])
            if full:
                break
        if not shapes:
            nothing = Part(f"{entity.prefix}1", PLAIN.kind, "7bit", "us-ascii", entity.end, entity.end, entity.end)
            self.parts.append(nothing)
        return bodywire.multipart(entity.kind, entity.header, shapes)

    def _leaf(self, entity: Entity) -> Shape:
        more = Shape(b"", b"")
        if entity.kind.is_container or entity.kind.is_text:
            lines = b" %d" % count_lines(self._data, entity.body, entity.end)
            more = Shape(lines, lines)
        if entity.kind.is_container:
            span = Span(entity.body, entity.end, entity.end)
            header, shape = self.visit(entity.inner_prefix, span, entity.depth + 1)
            envelope = envelope_wire(read_envelope(header))
            more = Shape(*(b" %b %b%b" % (envelope, form, lines) for form in shape))
        return bodywire.leaf(entity.kind, entity.header, entity.encoding, entity.end - entity.body, more)


def _label(value: bytes) -> str:
    return value.decode("ascii", "ignore").lower()[:40]


def count_lines(data: bytes | mmap, start: int, end: int) -> int:
    """Line ends in `data[start:end]`."""
    return sum(data[at : min(at + WINDOW, end)].count(b"\n") for at in range(start, end, WINDOW))
