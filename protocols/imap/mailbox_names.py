# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailbox names on the wire: UTF-8 (RFC 9051, 5.1) and modified UTF-7 (RFC 3501, 5.1.3)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from functools import lru_cache

DELIMITER = "/"

_SHIFTED = re.compile("&([A-Za-z0-9+,]*)-")
_TO_SHIFT = re.compile("&|[^ -~]+")
_INBOX = re.compile("inbox(?=/|$)", re.IGNORECASE)


@lru_cache(maxsize=1024)
def decode_name(raw: bytes, *, utf8: bool) -> str:
    """The name that a client wrote, with INBOX in upper case. Raises UnicodeDecodeError.

    Without `utf8` the name is modified UTF-7, read tolerantly: what is no shift sequence stands for itself, and octets
    above 127, which no client should send, are read as UTF-8.
    """
    name = raw.decode("utf-8")
    if not utf8 and "&" in name:
        name = _SHIFTED.sub(_unshift, name)
    return canonical(name)


def encode_name(name: str, *, utf8: bool) -> bytes:
    """The name's octets in the encoding that this client reads."""
    if utf8:
        return name.encode("utf-8")
    return _TO_SHIFT.sub(_shift, name).encode("ascii")


def canonical(name: str) -> str:
    """INBOX is one mailbox however it is spelled (RFC 9051, 5.1), and so is it as the first level of a name."""
    return _INBOX.sub("INBOX", name, count=1) if name[:5].upper() == "INBOX" else name


def _unshift(found: re.Match[str]) -> str:
    digits = found[1]
    if not digits:
        return "&"
    try:
        octets = b64decode(digits.replace(",", "/") + "=" * (-len(digits) % 4), validate=True)
        return octets.decode("utf-16-be")
    except ValueError:
        return found[0]


def _shift(found: re.Match[str]) -> str:
    run = found[0]
    if run == "&":
        return "&-"
    return "&" + b64encode(run.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
