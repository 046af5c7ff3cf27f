# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a message that SEARCH looks through."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from mmap import mmap
from typing import NamedTuple

from protocols.message.address import Address
from protocols.message.charset import to_text
from protocols.message.encodedword import header_text
from protocols.message.envelope import Envelope
from protocols.message.header import Header, unfold
from protocols.message.htmltext import html_text
from protocols.message.part import Part
from protocols.message.transfer import UnknownEncoding, decode

MAX_TEXT = 256 * 1024
"""Characters of body text that are kept."""
MAX_READ, MAX_READ_AT_ONCE = 4 * 1024 * 1024, 1024 * 1024
"""Octets of all parts, and of one part, that are decoded to find them."""
_READABLE_REPORTS = ("message/delivery-status", "message/disposition-notification", "message/feedback-report")


class SearchText(NamedTuple):
    """Decoded text for SEARCH, every value as `normalise` gives it.

    The address fields hold display names and addresses as a person reads them. `headers` is every header field
    decoded, one `name: value` a line ("\\n"), the name in lower case. `body` is the text of every text part (HTML
    without its tags) and the headers of messages inside, capped; `body_complete` tells whether all of it is there.
    """

    subject: str
    from_: str
    to: str
    cc: str
    bcc: str
    headers: str
    body: str
    body_complete: bool


def normalise(text: str) -> str:
    """The form in which texts are compared: NFKC, case folded, every run of white space one space.

    What is looked for goes through the same function. A phrase is thus found across a folded or wrapped line, too;
    it is never found across two header fields, for its line ends are spaces and those between fields are not.
    """
    if text.isascii():
        folded = text.lower()
        # Most fields: nothing in them but words with one space between.
        if text.isprintable() and "  " not in text:
            return folded
    else:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    words = " ".join(folded.split())
    if not words:
        return " " if folded else ""
    return f"{' ' if folded[0].isspace() else ''}{words}{' ' if folded[-1].isspace() else ''}"


def search_text(data: bytes | mmap, header: Header, envelope: Envelope, parts: Sequence[Part]) -> SearchText:
    """All of it, from a message whose header and parts are known."""
    body, complete = _body_text(data, parts)
    return SearchText(
        normalise(header_text(envelope.subject or b"")),
        _people(envelope.from_),
        _people(envelope.to),
        _people(envelope.cc),
        _people(envelope.bcc),
        header_lines(header),
        normalise(body),
        complete,
    )


def header_lines(header: Header) -> str:
    """Every field as `SearchText.headers` has it."""
    return "\n".join([_header_line(name, raw) for name, raw in header.fields])


def _header_line(name: bytes, raw: bytes) -> str:
    if not name:
        return normalise(header_text(raw.strip()))
    return f"{name.decode('ascii', 'replace')}: {normalise(header_text(unfold(raw)))}"


def _people(addresses: Iterable[Address]) -> str:
    return normalise(", ".join([_person(address) for address in addresses if address.mailbox is not None]))


def _person(address: Address) -> str:
    if address.host is None:
        return f"{header_text(address.mailbox or b'')}:"
    mail = f"{to_text(address.mailbox or b'')}@{to_text(address.host)}"
    return f"{header_text(address.name)} <{mail}>" if address.name else mail


def _body_text(data: bytes | mmap, parts: Sequence[Part]) -> tuple[str, bool]:
    """The text of all parts, and whether that is all."""
    pieces: list[str] = []
    text_left, read_left = MAX_TEXT, MAX_READ
    for start, end, read in _sources(parts):
        stop = min(end, start + min(MAX_READ_AT_ONCE, read_left))
        text = read(data[start:stop])
        pieces.append(text[:text_left])
        if stop < end or len(text) > text_left:
            return "\n".join(pieces), False
        read_left -= stop - start
        text_left -= len(text)
    return "\n".join(pieces), True


def _sources(parts: Sequence[Part]) -> Iterator[tuple[int, int, Callable[[bytes], str]]]:
    """Where text lies, from and to, and how to read it. The header of the message itself is `SearchText.headers`."""
    for part in parts:
        if part.number.endswith("."):
            yield part.header, part.body, _header_block
        if is_readable(part.kind):
            yield part.body, part.end, partial(_content, part)


def is_readable(kind: str) -> bool:
    """Whether SEARCH looks into parts of this type."""
    return kind.startswith("text/") or kind in _READABLE_REPORTS


def _header_block(block: bytes) -> str:
    return header_lines(Header(block))


def _content(part: Part, octets: bytes) -> str:
    try:
        text = to_text(decode(octets, part.encoding), part.charset)
    except UnknownEncoding:
        text = to_text(octets, part.charset)
    return html_text(text) if part.kind == "text/html" else text
