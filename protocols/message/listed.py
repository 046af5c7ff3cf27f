# SPDX-License-Identifier: GPL-3.0-or-later
"""The header fields that message lists show, kept beside each message, and the picking of fields from a block."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

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


_NAME = re.compile(rb"[!-9;-~]+")


def listed_lines(header: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The octets of all listed fields in order, b"" when they exceed `LISTED_MAX`."""
    lines = _ended(b"".join([raw for name, raw in header if name in LISTED]))
    return lines if len(lines) <= LISTED_MAX else b""


def select_fields(block: bytes, names: Iterable[bytes], negate: bool = False) -> bytes:
    """HEADER.FIELDS of a header block, or HEADER.FIELDS.NOT with `negate` (RFC 9051, 6.4.5.1).

    Fields come in the order of the message, octet for octet, with the empty line at the end. `names` are compared
    without case. Lines that are no field have no name: only `negate` returns them.
    """
    return field_selector(names, negate)(block)


def field_selector(names: Iterable[bytes], negate: bool = False) -> Callable[[bytes], bytes]:
    """`select_fields` for many blocks."""
    pattern = _named(frozenset(names))
    if negate:
        return lambda block: _ended(pattern.sub(b"", _without_empty_line(block))) + b"\r\n"
    find = pattern.findall
    return lambda block: _ended(b"".join(find(block))) + b"\r\n"


@lru_cache(maxsize=64)
def _named(names: frozenset[bytes]) -> re.Pattern[bytes]:
    """What matches the fields of these names whole. No other way to pick them is as fast."""
    usable = b"|".join([re.escape(name) for name in sorted(names) if _NAME.fullmatch(name)])
    return re.compile(
        rb"^(?:%b)[ \t]*+:[^\n]*+\n?(?:[ \t][^\n]*+\n?)*+" % (usable or b"(?!)"), re.MULTILINE | re.IGNORECASE
    )


def _without_empty_line(block: bytes) -> bytes:
    for end in (b"\r\n", b"\n"):
        if block == end or block.endswith(b"\n" + end):
            return block[: -len(end)]
    return block


def _ended(lines: bytes) -> bytes:
    return lines + b"\r\n" if lines and not lines.endswith(b"\n") else lines
