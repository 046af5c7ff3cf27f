# SPDX-License-Identifier: GPL-3.0-or-later
"""Encoded words in header values (RFC 2047)."""

from __future__ import annotations

import binascii
import re

from protocols.message.charset import to_text
from protocols.message.transfer import decode_base64

_ENCODED_WORD = re.compile(rb"=\?([^?*\s]++)(?:\*[^?\s]*+)?\?([bBqQ])\?([^?]*+)\?=")


def header_text(value: bytes) -> str:
    """An unfolded header value as a person reads it. Raw 8-bit text is taken for UTF-8, else for Windows-1252."""
    if b"=?" not in value:
        return to_text(value)
    pieces: list[str] = []
    words: list[bytes] = []
    charset, at = "", 0
    for found in _ENCODED_WORD.finditer(value):
        between = value[at : found.start()]
        label = found[1][:40].decode("ascii", "ignore").lower()
        # RFC 2047, 6.2: white space between two encoded words is no text. Some writers cut a character in two.
        if label != charset or between.strip():
            pieces.append(to_text(b"".join(words), charset))
            words.clear()
        if not at or between.strip():
            pieces.append(to_text(between))
        words.append(_decoded(found))
        charset, at = label, found.end()
    return "".join([*pieces, to_text(b"".join(words), charset), to_text(value[at:])])


def _decoded(found: re.Match[bytes]) -> bytes:
    if found[2] in b"bB":
        return decode_base64(found[3])
    return binascii.a2b_qp(found[3], header=True)
