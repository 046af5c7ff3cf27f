# SPDX-License-Identifier: GPL-3.0-or-later
"""One part as BODYSTRUCTURE and as BODY write it (RFC 9051, 7.5.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from protocols.message.content import ContentType, disposition_wire, language_wire, parameters_wire
from protocols.message.header import Header
from protocols.message.wire import nstring, string


class Shape(NamedTuple):
    """`extended` for BODYSTRUCTURE, `basic` for BODY."""

    extended: bytes
    basic: bytes


NOTHING = Shape(
    b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL)',
    b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0)',
)
"""What stands in a multipart without parts, which IMAP cannot write."""


def multipart(kind: ContentType, header: Header, shapes: Sequence[Shape]) -> Shape:
    """A multipart around the shapes of its parts."""
    extended, basic = (b"".join(forms) for forms in zip(*(shapes or [NOTHING]), strict=True))
    sub = string(kind.sub)
    return Shape(
        b"(%b %b %b %b)" % (extended, sub, parameters_wire(kind.parameters), _extension(header)),
        b"(%b %b)" % (basic, sub),
    )


def leaf(kind: ContentType, header: Header, encoding: bytes, size: int, more: Shape) -> Shape:
    """A part that is no multipart. `more` is what follows the size for its type: line count, envelope."""
    fields = b'"%b" "%b" %b %b %b %b %d' % (
        kind.main,
        kind.sub,
        parameters_wire(kind.parameters),
        nstring(header.first(b"content-id")),
        nstring(header.first(b"content-description")),
        string(encoding),
        size,
    )
    extension = b"%b %b" % (nstring(header.first(b"content-md5")), _extension(header))
    return Shape(b"(%b%b %b)" % (fields, more.extended, extension), b"(%b%b)" % (fields, more.basic))


def _extension(header: Header) -> bytes:
    return b"%b %b %b" % (
        disposition_wire(header.first(b"content-disposition")),
        language_wire(header.first(b"content-language")),
        nstring(header.first(b"content-location")),
    )
