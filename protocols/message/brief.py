# SPDX-License-Identifier: GPL-3.0-or-later
"""The header fields by which people recognise a message, and the one that is for us."""

from __future__ import annotations

import re
from typing import NamedTuple

from protocols.message.address import NO_DOMAIN, NO_MAILBOX, parse_addresses
from protocols.message.charset import to_text
from protocols.message.encodedword import header_text
from protocols.message.header import Header, header_end

MAX_SUBJECT = 300
"""Characters of a subject that are kept."""
MAX_MESSAGE_ID = 998
"""RFC 5322, 2.1.1: no line is longer."""

_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")


class Brief(NamedTuple):
    """`author` is the first address of From, `message_id` has its angle brackets; "" for what is missing.

    `tls_optional`: TLS-Required says that no domain's demand for TLS counts (RFC 8689, 3).
    """

    author: str = ""
    subject: str = ""
    message_id: str = ""
    tls_optional: bool = False


def brief(start: bytes) -> Brief:
    """Of a message that begins with `start`. Never fails; control characters become spaces."""
    header = Header(start[: header_end(start, 0, len(start))])
    subject = _printed(header_text(header.first(b"subject") or b"")).strip()
    message_id = _printed(to_text(header.first(b"message-id") or b""))
    tls_optional = (header.first(b"tls-required") or b"").strip().lower() == b"no"
    return Brief(_author(header), subject[:MAX_SUBJECT], message_id[:MAX_MESSAGE_ID], tls_optional)


def _author(header: Header) -> str:
    for _, mailbox, host in parse_addresses(header.first(b"from") or b""):
        if mailbox and host and mailbox != NO_MAILBOX and host != NO_DOMAIN:
            return _printed(f"{to_text(mailbox)}@{to_text(host)}")
    return ""


def _printed(text: str) -> str:
    return text if text.isprintable() else _UNPRINTED.sub(" ", text)
