# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the sections of FETCH lie, from the parts alone (RFC 9051, 6.4.5.1).

Every function returns the first octet and the one behind the last, None where the message has no such section.
`number` is "" or "1.2". What BINARY decodes is `find`'s part from `body` to `end`, with `transfer.decode`.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocols.message.part import Part

Octets = tuple[int, int] | None


def find(parts: Sequence[Part], number: str) -> Part | None:
    """A part by its number; "" is the message."""
    found = _numbered(parts, number)
    if found is None and (number == "1" or number.endswith(".1")):
        message = _numbered(parts, number[:-1])
        if message is not None and not message.kind.startswith("multipart/"):
            return message
    return found


def whole(parts: Sequence[Part], number: str) -> Octets:
    """BODY[] and BODY[1.2]."""
    if not number:
        return 0, parts[0].end
    part = find(parts, number)
    return (part.body, part.end) if part else None


def mime(parts: Sequence[Part], number: str) -> Octets:
    """BODY[1.2.MIME]: the header of a part."""
    part = find(parts, number) if number else None
    return (part.header, part.body) if part else None


def header(parts: Sequence[Part], number: str) -> Octets:
    """BODY[HEADER], and BODY[1.2.HEADER] of a message inside."""
    message = _message(parts, number)
    return (message.header, message.body) if message else None


def text(parts: Sequence[Part], number: str) -> Octets:
    """BODY[TEXT], and BODY[1.2.TEXT] of a message inside."""
    message = _message(parts, number)
    return (message.body, message.end) if message else None


def _message(parts: Sequence[Part], number: str) -> Part | None:
    return _numbered(parts, f"{number}." if number else "")


def _numbered(parts: Sequence[Part], number: str) -> Part | None:
    return next((part for part in parts if part.number == number), None)
