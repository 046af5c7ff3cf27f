# SPDX-License-Identifier: GPL-3.0-or-later
"""Tag lists: `v=1; a=rsa-sha256; ...` (RFC 6376, 3.2)."""

from __future__ import annotations

import base64
import binascii
import re

from protocols.dkim.errors import Malformed

MAX_OCTETS = 16_384
"""Signatures of the real world stay below 4,096."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SPACE = re.compile(r"[ \t\r\n]+")


def parse_tags(value: bytes) -> dict[str, str]:
    """Values by name, without the white space around them. Raises Malformed."""
    if len(value) > MAX_OCTETS:
        raise Malformed("list of tags too long")
    found: dict[str, str] = {}
    # The last semicolon may be followed by nothing.
    parts = value.decode("utf-8", "replace").split(";")
    for part in parts[:-1] if not parts[-1].strip() else parts:
        name, equals, text = part.partition("=")
        name = name.strip(" \t\r\n")
        if not equals or not _NAME.fullmatch(name):
            raise Malformed("not a list of tags")
        if name in found:
            raise Malformed(f"{name}= is there twice")
        found[name] = text.strip(" \t\r\n")
    return found


def listed(text: str) -> list[str]:
    """The values of a list that is parted by colons, in lower case."""
    return [item.strip(" \t\r\n").lower() for item in text.split(":")]


def octets(text: str, name: str) -> bytes:
    """What a base64 value means; white space may be anywhere in it. Raises Malformed."""
    try:
        return base64.b64decode(_SPACE.sub("", text), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"{name}= is not base64") from error
