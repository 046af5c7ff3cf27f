# SPDX-License-Identifier: GPL-3.0-or-later
"""The header fields that message lists show, kept beside each message, and the picking of fields from a block."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from protocols.message.header import fields

LISTED: frozenset[bytes] = frozenset(
    b"""
    from to cc bcc sender reply-to subject date message-id in-reply-to references
    mime-version content-type content-description content-language lines
    importance priority x-priority x-msmail-priority newsgroups
    list-id list-post list-subscribe list-unsubscribe list-unsubscribe-post list-help list-archive
    return-path delivered-to x-original-to x-label x-tuid x-mailing-list x-loop x-list x-beenthere
    mailing-list originator
    disposition-notification-to return-receipt-to mail-followup-to mail-reply-to x-draft-info
    x-k9mail-identity chat-version autocrypt autocrypt-setup-message
    x-uniform-type-identifier x-universally-unique-identifier
    bimi-indicator bimi-location x-bimi-indicator-hash authentication-results dkim-signature
    """.split()
)
"""Lower case: what Thunderbird, Apple Mail, mutt, Evolution, K-9, Roundcube and mbsync ask for in HEADER.FIELDS."""

LISTED_MAX = 8192
"""Octets of listed fields beyond which none are kept: the reader then turns to the message itself."""


def listed_lines(header: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The octets of all listed fields in order, b"" when they exceed `LISTED_MAX`."""
    lines = b"".join([_ended(raw) for name, raw in header if name in LISTED])
    return lines if len(lines) <= LISTED_MAX else b""


def select_fields(block: bytes, names: Collection[bytes], negate: bool = False) -> bytes:
    """HEADER.FIELDS of a header block, or HEADER.FIELDS.NOT with `negate` (RFC 9051, 6.4.5.1).

    Fields come in the order of the message, octet for octet, with the empty line at the end. `names` are compared
    without case. Lines that are no field have no name: only `negate` returns them.
    """
    wanted = {name.lower() for name in names}
    return b"".join([_ended(raw) for name, raw in fields(block) if (name in wanted) is not negate]) + b"\r\n"


def _ended(raw: bytes) -> bytes:
    return raw if raw.endswith(b"\n") else raw + b"\r\n"
