# SPDX-License-Identifier: GPL-3.0-or-later
"""Encoded words in header fields (RFC 2047)."""

from __future__ import annotations

import binascii
import re

from sieve import transfer
from sieve.charset import codec, readable

# RFC 2231, 5: a language may stand behind the charset.
_WORD = re.compile(r"=\?([^?*\s]++)(?:\*[^?\s]*+)?\?([bBqQ])\?([^?]*+)\?=")


def decoded(value: str) -> str:
    """A value on one line, as a person reads it. Words of a charset that is not known stay as they are."""
    if "=?" not in value:
        return value
    pieces: list[str] = []
    words: list[bytes] = []
    charset, at = "", 0
    for found in _WORD.finditer(value):
        label = found[1].lower()
        if codec(label) is None:
            continue
        between = value[at : found.start()]
        # RFC 2047, 6.2: white space between two encoded words is no text. Some writers cut a character in two.
        joined = at > 0 and not between.strip(" \t")
        if not joined or label != charset:
            pieces.append(readable(b"".join(words), charset))
            words.clear()
        if not joined:
            pieces.append(between)
        words.append(_octets(found))
        charset, at = label, found.end()
    return "".join([*pieces, readable(b"".join(words), charset), value[at:]])


def _octets(word: re.Match[str]) -> bytes:
    content = word[3].encode("utf-8", "surrogateescape")
    if word[2] in "bB":
        return transfer.base64(content)
    return binascii.a2b_qp(content, header=True)
