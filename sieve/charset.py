# SPDX-License-Identifier: GPL-3.0-or-later
"""Octets to text by the name of a charset, as mail uses it (RFC 2045, 5; RFC 5228, 2.7.2)."""

from __future__ import annotations

import re
from encodings.aliases import aliases

_NO_CHARSETS = {"base64_codec", "bz2_codec", "hex_codec", "mbcs", "quopri_codec", "rot_13", "uu_codec", "zlib_codec"}
_KNOWN = frozenset({"cp720", "cp737", "cp856", "cp874", "koi8_t", "koi8_u"}).union(
    *((alias, codec) for alias, codec in aliases.items() if codec not in _NO_CHARSETS)
)
"""Others are not looked up: among Python's codecs are some that take quadratic time."""
_ALIASES = {
    "": "us_ascii",
    "gb2312": "gb18030",
    "iso_8859_8_i": "iso_8859_8",
    "ks_c_5601_1987": "cp949",
    "shift_jis": "cp932",
    "unicode_1_1_utf_7": "utf_7",
}
_NAME_SIGNS = re.compile(r"[-.:]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def codec(charset: str) -> str | None:
    """Python's name of it; None when it is not known. "" is US-ASCII (RFC 2045, 5.2)."""
    name = _NAME_SIGNS.sub("_", charset.lower()).removeprefix("x_").replace("windows_", "cp")
    name = _ALIASES.get(name, name)
    return name if name in _KNOWN else None


def transcoded(octets: bytes, charset: str) -> str | None:
    """The text; None when the charset is not known, or the octets are not of it."""
    name = codec(charset)
    try:
        return None if name is None else _whole(octets.decode(name))
    except (UnicodeError, LookupError):
        return None


def readable(octets: bytes, charset: str) -> str:
    """Whatever can be read: octets without a known charset are UTF-8, as strings of scripts have it."""
    text = transcoded(octets, charset)
    if text is not None:
        return text
    name = codec(charset)
    if name is None or octets.isascii() or name in ("us_ascii", "ascii"):
        return octets.decode("utf-8", "surrogateescape")
    return _whole(octets.decode(name, "replace"))


def _whole(text: str) -> str:
    """UTF-7 lets halves of pairs through, which no other encoding can write."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
