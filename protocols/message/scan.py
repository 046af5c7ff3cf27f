# SPDX-License-Identifier: GPL-3.0-or-later
"""The scanner: octets in, `Scan` out."""

from __future__ import annotations

from mmap import mmap
from typing import NamedTuple

from protocols.message.boundary import Span
from protocols.message.date import parse_date
from protocols.message.envelope import envelope_wire, read_envelope
from protocols.message.listed import listed_lines
from protocols.message.part import Part, pack_parts
from protocols.message.structure import MAX_HEADER, Walk
from protocols.message.text import SearchText, search_text

__all__ = ["Part", "Scan", "SearchText", "scan"]


class Scan(NamedTuple):
    """What a message is, found once and kept beside it.

    `envelope`, `structure` and `body` are the values of IMAP's ENVELOPE, BODYSTRUCTURE and BODY as they go on the
    wire, parentheses included, never with 8-bit octets in quoted strings (RFC 9051, 7.5.2). `headers` are the raw
    lines, as received, of the fields that message lists ask for (`LISTED`); b"" when they are too long to keep, and
    then the message itself has to be asked. `parts` is `Part` values packed for the store; `unpack_parts` brings
    them back. `sent` is the Date field as seconds since the epoch and `sent_day` its day in its own zone
    (`date.toordinal()`), None where it is missing or wrong.
    """

    size: int
    envelope: bytes
    structure: bytes
    body: bytes
    headers: bytes
    parts: bytes
    sent: int | None
    sent_day: int | None
    search: SearchText


def scan(data: bytes | mmap) -> Scan:
    """Scan a whole message. Never fails; reads large ones in windows, so that a mapped file stays out of memory."""
    walk = Walk(data)
    header, shape = walk.visit("", Span(0, len(data), len(data)))
    envelope = read_envelope(header)
    sent, day = parse_date(envelope.date or b"") or (None, None)
    return Scan(
        size=len(data),
        envelope=envelope_wire(envelope),
        structure=shape.extended,
        body=shape.basic,
        headers=listed_lines(header.fields) if walk.parts[0].body <= MAX_HEADER else b"",
        parts=pack_parts(walk.parts),
        sent=sent,
        sent_day=day,
        search=search_text(data, header, envelope, walk.parts),
    )
