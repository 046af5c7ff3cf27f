# SPDX-License-Identifier: GPL-3.0-or-later
"""The scanner: octets in, `Scan` out."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import mmap


@dataclass(frozen=True, slots=True)
class Part:
    """One body part and where its octets lie in the message.

    `number` is the section of RFC 9051, 6.4.5.1 ("" the whole message, "1", "2.1"). `header` to `body` are the
    part's MIME header with its empty line, `body` to `end` its content. `kind` is "text/plain" and so on, lower case.
    A part of type message/rfc822 is followed by the parts of the message inside it; "2.HEADER" of it is the header
    of that message, which starts at the part's `body`.
    """

    number: str
    kind: str
    encoding: str
    charset: str
    header: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class SearchText:
    """Decoded text for SEARCH, normalised by NFKC and casefold (`normalise`); line ends and folding become a space.

    The address fields hold display names and addresses as a person reads them. `headers` is every header field
    decoded, one `name: value` a line ("\\n"), the name in lower case. `body` is the text of every text part (HTML
    without its tags), capped; `body_complete` tells whether all of it is there.
    """

    subject: str
    from_: str
    to: str
    cc: str
    bcc: str
    headers: str
    body: str
    body_complete: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """What a message is, found once and kept beside it.

    `envelope`, `structure` and `body` are the values of IMAP's ENVELOPE, BODYSTRUCTURE and BODY as they go on the
    wire, parentheses included, never with 8-bit octets in quoted strings (RFC 9051, 7.5.2). `headers` are the raw
    lines, as received, of the fields that message lists ask for (`LISTED`). `parts` is `Part` values packed for
    the store; `unpack_parts` brings them back. `sent` is the Date field as seconds since the epoch and `sent_day`
    its day in its own zone (`date.toordinal()`), None where it is missing or wrong.
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
    """Scan a whole message."""
    raise NotImplementedError
