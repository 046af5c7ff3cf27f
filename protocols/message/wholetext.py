# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a message beyond the caps of text.py, in pieces: for SEARCH in what is too long to be kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from mmap import mmap

from protocols.message.charset import decoded_text
from protocols.message.decoding import decoder
from protocols.message.header import Header
from protocols.message.htmltext import html_texts
from protocols.message.part import Part
from protocols.message.structure import MAX_HEADER
from protocols.message.text import header_lines, is_readable, normalise
from protocols.message.transfer import UnknownEncoding

PIECE = 256 * 1024
"""Octets that are decoded at once."""
_BEFORE_LAST_SPACE = re.compile(r".*\S(?=\s)", re.DOTALL)


def whole_text(data: bytes | mmap, parts: Sequence[Part], piece: int = PIECE) -> Iterator[str]:
    """What `SearchText.body` would be without its limits, where `body_complete` is False.

    In pieces of about `piece` characters: they are cut before white space, so that joined they are as `normalise`
    makes the whole.
    """
    held = ""
    for text in _texts(data, parts, piece):
        held += text
        if len(held) >= piece:
            cut = _BEFORE_LAST_SPACE.match(held)
            if cut:
                yield normalise(cut[0])
                held = held[cut.end() :]
            elif held.isspace():
                held = " "
    yield normalise(held)


def _texts(data: bytes | mmap, parts: Sequence[Part], piece: int) -> Iterator[str]:
    between = ""
    for part in parts:
        if part.number.endswith("."):
            yield between + header_lines(Header(data[part.header : min(part.body, part.header + MAX_HEADER)]))
            between = "\n"
        if is_readable(part.kind):
            yield between
            between = "\n"
            texts = decoded_text(lambda part=part: _octets(data, part, piece), part.charset)  # type: ignore[misc]
            yield from html_texts(texts) if part.kind == "text/html" else texts


def _octets(data: bytes | mmap, part: Part, piece: int) -> Iterable[bytes]:
    try:
        undone = decoder(part.encoding)
    except UnknownEncoding:
        undone = decoder("")
    for at in range(part.body, part.end, piece):
        yield undone.feed(data[at : min(at + piece, part.end)])
    yield undone.finish()
