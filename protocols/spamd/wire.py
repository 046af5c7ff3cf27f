# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and replies of spamd (its file PROTOCOL, version 1.5).

Whoever sends a request closes that direction behind it: spamd waits for ever for the end of a message whose last line
has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_VERSION = b"SPAMC/1.5"
PING = b"PING %b\r\n\r\n" % _VERSION
"""Asks whether anybody is there."""
_STATUS = re.compile(rb"SPAMD/[0-9.]+ +([0-9]+) +(\S+)")
_SPAM = re.compile(rb"\s*(true|false|yes|no)\s*;\s*(-?[0-9.]+)\s*/\s*(-?[0-9.]+)\s*", re.IGNORECASE)


class BadReply(Exception):
    """spamd refuses, or what answers is no spamd."""


class Told(Enum):
    """What a message is said to be; FORGOTTEN takes it back."""

    SPAM = b"Message-class: spam\r\nSet: local\r\n"
    HAM = b"Message-class: ham\r\nSet: local\r\n"
    FORGOTTEN = b"Remove: local\r\n"
    """`Set` and `Remove` in one request contradict each other; to learn the contrary needs `Set` only."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`symbols` are the rules that hit."""

    spam: bool = False
    score: float = 0.0
    threshold: float = 0.0
    symbols: tuple[str, ...] = ()


def symbols(message: bytes) -> bytes:
    """Ask for a verdict and the rules that hit."""
    return _request(b"SYMBOLS", b"", message)


def tell(message: bytes, told: Told) -> bytes:
    """Teach a verdict."""
    return _request(b"TELL", told.value, message)


def _request(verb: bytes, fields: bytes, message: bytes) -> bytes:
    return b"%b %b\r\n%bContent-length: %d\r\n\r\n%b" % (verb, _VERSION, fields, len(message), message)


def is_pong(data: bytes) -> bool:
    """The answer to PING."""
    status = _STATUS.match(data)
    return status is not None and status[2] == b"PONG"


def parse_reply(data: bytes) -> Reply:
    """The whole of what spamd sent. Raises BadReply."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    status = _STATUS.match(first)
    if status is None:
        raise BadReply("what answers is no spamd")
    if status[1] != b"0":
        raise BadReply(f"spamd says {status[2].decode('ascii', 'replace')}")
    fields = {name.strip().lower(): value for name, _, value in (line.partition(b":") for line in lines)}
    found = _SPAM.fullmatch(fields.get(b"spam", b""))
    hits = tuple(name for name in body.decode("ascii", "replace").strip().split(",") if name)
    if found is None:
        return Reply(symbols=hits)
    try:
        return Reply(found[1].lower() in (b"true", b"yes"), float(found[2]), float(found[3]), hits)
    except ValueError as error:
        raise BadReply("spamd gives a score that is no number") from error
