# SPDX-License-Identifier: GPL-3.0-or-later
"""ENVELOPE (RFC 9051, 7.5.2)."""

from __future__ import annotations

from typing import NamedTuple

from protocols.message.address import Address, parse_addresses, wire
from protocols.message.header import Header
from protocols.message.wire import nstring


class Envelope(NamedTuple):
    """The values as they stand in the header, unfolded; None where a field is missing."""

    date: bytes | None
    subject: bytes | None
    from_: list[Address]
    sender: list[Address]
    reply_to: list[Address]
    to: list[Address]
    cc: list[Address]
    bcc: list[Address]
    in_reply_to: bytes | None
    message_id: bytes | None


def read_envelope(header: Header) -> Envelope:
    """The envelope of a header. Address fields that occur twice count as one list; of other fields the first counts."""
    from_ = _addresses(header, b"from")
    return Envelope(
        header.first(b"date"),
        header.first(b"subject"),
        from_,
        _addresses(header, b"sender") or from_,
        _addresses(header, b"reply-to") or from_,
        _addresses(header, b"to"),
        _addresses(header, b"cc"),
        _addresses(header, b"bcc"),
        header.first(b"in-reply-to"),
        header.first(b"message-id"),
    )


def _addresses(header: Header, name: bytes) -> list[Address]:
    return [address for value in header.every(name) for address in parse_addresses(value)]


def envelope_wire(envelope: Envelope) -> bytes:
    """The parenthesised list that goes on the wire."""
    from_ = wire(envelope.from_)
    return b"(%b %b %b %b %b %b %b %b %b %b)" % (
        nstring(envelope.date),
        nstring(envelope.subject),
        from_,
        from_ if envelope.sender is envelope.from_ else wire(envelope.sender),
        from_ if envelope.reply_to is envelope.from_ else wire(envelope.reply_to),
        wire(envelope.to),
        wire(envelope.cc),
        wire(envelope.bcc),
        nstring(envelope.in_reply_to),
        nstring(envelope.message_id),
    )
