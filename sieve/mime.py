# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a message and where they lie in it (RFC 2046, 5). Nothing is decoded before somebody asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from sieve import charset, markup, transfer
from sieve.header import Header, body_start, fields, header_end, text
from sieve.parameters import media_type, parameters

MAX_DEPTH = 50
MAX_PARTS = 10_000
MAX_HEADERS = 1 << 20
"""Octets of all headers of parts that are read."""
MIN_SEARCHED = 64 << 20
"""Octets looked through for boundaries, all levels together; eight times the message if that is more."""

Path: TypeAlias = tuple[int, ...]
"""Where a part is: its number among its siblings, from 0, and before it those of the parts around it."""
Span: TypeAlias = tuple[int, int]

_MESSAGES = ("message/rfc822", "message/global")
_HTML = ("text/html", "application/xhtml+xml")


class Kind(NamedTuple):
    """What a part says it is: "text/plain" and so on, and its charset and encoding, in lower case."""

    type: str
    charset: str = ""
    encoding: str = ""
    boundary: str = ""

    @property
    def delimiter(self) -> bytes:
        """What lines between the parts of a multipart begin with."""
        return b"--" + self.boundary.encode("utf-8", "surrogateescape")

    @property
    def is_multipart(self) -> bool:
        return self.type.startswith("multipart/")

    @property
    def is_message(self) -> bool:
        return self.type in _MESSAGES

    @property
    def is_text(self) -> bool:
        return self.type.startswith("text/")

    @property
    def is_html(self) -> bool:
        return self.type in _HTML


@dataclass(eq=False, repr=False)
class Part:
    """`source[start:end]`, whose content begins at `body` and whose header is read up to `read`.

    A multipart has its parts as children, and the message in a message/rfc822 is its child. `margins` is what a
    multipart has before the first and behind the last delimiter. Without the empty line behind the header there is no
    body, and `has_body` is False.
    """

    source: bytes
    path: Path
    kind: Kind
    start: int
    read: int
    has_body: bool
    body: int
    end: int
    children: tuple[Part, ...] = ()
    margins: tuple[Span, ...] = ()

    @cached_property
    def header(self) -> Header:
        return Header(fields(self.source[self.start : self.read]))

    @property
    def header_text(self) -> str:
        """As it is written."""
        return text(self.source[self.start : self.read])

    @cached_property
    def raw(self) -> str:
        """The content as it is written."""
        return text(self.source[self.body : self.end])

    @property
    def around(self) -> list[str]:
        """What is written before and behind the parts of a multipart."""
        return [text(self.source[start:end]) for start, end in self.margins]

    @property
    def content(self) -> bytes | None:
        """Without its transfer encoding; None when that is not known."""
        return transfer.decoded(self.source[self.body : self.end], self.kind.encoding)

    @cached_property
    def text(self) -> str:
        """The content as far as it can be read; what is no text is octets, as strings of scripts have them."""
        content = self.content or b""
        return charset.readable(content, self.kind.charset) if self.kind.is_text else text(content)

    @cached_property
    def seen(self) -> str | None:
        """What a person sees of a text; None of all else."""
        if not (self.kind.is_text or self.kind.is_html):
            return None
        return markup.seen(self.text) if self.kind.is_html else self.text

    @property
    def transcoded(self) -> str | None:
        """What a person sees of it, if it is a text; None when its encoding or charset is not known, or it is no text.

        Parts that have parts are none.
        """
        content = None if self.children else self.content
        found = None if content is None else charset.transcoded(content, self.kind.charset)
        return markup.seen(found) if found and self.kind.is_html else found

    @cached_property
    def every(self) -> tuple[Part, ...]:
        """This part and all inside it, depth first."""
        return tuple(self._walk())

    def at(self, path: Path) -> Part | None:
        """The part of a path that begins here; None when there is none."""
        way = self.towards(path)
        return way[-1] if len(way) > len(path) else None

    def towards(self, path: Path) -> list[Part]:
        """This part and those on the way to a path, as far as there are any."""
        way = [self]
        for number in path:
            if number >= len(way[-1].children):
                break
            way.append(way[-1].children[number])
        return way

    def _walk(self) -> Iterator[Part]:
        yield self
        for child in self.children:
            yield from child._walk()


def parse(source: bytes) -> Part:
    """A message. Whatever it is made of, the work has its limits; what goes beyond them is not looked into."""
    return _Parser(source).part((), 0, len(source), "text/plain")


class _Parser:
    def __init__(self, source: bytes) -> None:
        self._source = source
        self._parts_left = MAX_PARTS
        self._headers_left = MAX_HEADERS
        self._search_left = max(MIN_SEARCHED, 8 * len(source))

    def part(self, path: Path, start: int, end: int, default: str) -> Part:
        """RFC 2046, 5.1.5: `default` is what a part is that does not say it."""
        self._parts_left -= 1
        header = header_end(self._source, start, end)
        read = min(header, start + self._headers_left)
        self._headers_left -= read - start
        kind = _kind(Header(fields(self._source[start:read])), default)
        body = body_start(self._source, header, end)
        part = Part(self._source, path, kind, start, read, header < end, body, end)
        if self._may_enter(part):
            self._enter(part)
        return part

    def _may_enter(self, part: Part) -> bool:
        """RFC 2045, 6.4: what has parts is not encoded."""
        if not (part.kind.is_multipart or part.kind.is_message) or part.kind.encoding not in transfer.IDENTITY:
            return False
        self._search_left -= part.end - part.body
        return len(part.path) < MAX_DEPTH and self._search_left >= 0 and self._parts_left > 0

    def _enter(self, part: Part) -> None:
        if part.kind.is_message:
            part.children = (self.part((*part.path, 0), part.body, part.end, "text/plain"),)
            return
        default = "message/rfc822" if part.kind.type == "multipart/digest" else "text/plain"
        spans, part.margins = _cut(part, self._parts_left)
        part.children = tuple(
            self.part((*part.path, number), start, end, default) for number, (start, end) in enumerate(spans)
        )


def _kind(header: Header, default: str) -> Kind:
    encoding = (header.first("content-transfer-encoding") or "").partition(";")[0].strip().lower()
    value = header.first("content-type")
    if value is None:
        return Kind(default, "", encoding)
    found = media_type(value)
    named = parameters(value)
    if found is None and "/" in value:
        return Kind("application/octet-stream", "", encoding)
    # RFC 2045, 5.2: what else cannot be understood is plain text.
    if found is None or (found[0] == "multipart" and not named.get("boundary")):
        return Kind("text/plain", "", encoding)
    return Kind("/".join(found), named.get("charset", "").lower(), encoding, named.get("boundary", "").rstrip())


def _cut(part: Part, most: int) -> tuple[list[Span], tuple[Span, ...]]:
    """The parts of a multipart, and what is around them (RFC 2046, 5.1.1). The last one may lack its delimiter."""
    delimiter = re.compile(rb"\n%b(--)?[ \t]*+\r?(?=\n|\Z)" % re.escape(part.kind.delimiter))
    spans: list[Span] = []
    first, opened = part.end, -1
    # The content begins behind a line end, which may belong to the first delimiter.
    for found in delimiter.finditer(part.source, max(part.body - 1, 0), part.end):
        if opened < 0:
            first = _before_line_end(part.source, found.start(), part.body)
        else:
            spans.append((opened, _before_line_end(part.source, found.start(), opened)))
        opened = min(found.end() + 1, part.end)
        if found[1]:
            return spans, ((part.body, first), (opened, part.end))
        if len(spans) >= most - 1:
            break
    if opened >= 0:
        spans.append((opened, part.end))
    return spans, ((part.body, first),)


def _before_line_end(source: bytes, at: int, floor: int) -> int:
    """The line end before a delimiter belongs to it."""
    return max(at - 1 if source[at - 1 : at] == b"\r" else at, floor)
