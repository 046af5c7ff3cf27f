# SPDX-License-Identifier: GPL-3.0-or-later
"""Octets to text by the name of a charset, as mail uses it (RFC 2045, 5; RFC 5228, 2.7.2)."""

from __future__ import annotations

import re
from encodings.aliases import aliases

UTF_8 = "utf_8"
_NO_CHARSETS = {"base64_codec", "bz2_codec", "hex_codec", "mbcs", "quopri_codec", "rot_13", "uu_codec", "zlib_codec"}
_NAMES = {alias: name for alias, name in aliases.items() if name not in _NO_CHARSETS}
_CODECS = {
    **{name: name for name in ("cp720", "cp737", "cp856", "cp874", "koi8_t", "koi8_u", *_NAMES.values())},
    **_NAMES,
    # What says that it is ASCII, or says nothing, and is not, is mostly UTF-8.
    "": UTF_8,
    "ascii": UTF_8,
    "us_ascii": UTF_8,
    "gb2312": "gb18030",
    "iso_8859_8_i": "iso8859_8",
    "ks_c_5601_1987": "cp949",
    "shift_jis": "cp932",
    "unicode_1_1_utf_7": "utf_7",
}
"""Others are not looked up: among Python's codecs are some that take quadratic time."""
_NAME_SIGNS = re.compile(r"[-.:]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def codec(charset: str) -> str | None:
    """Python's name of it; None when it is not known."""
    name = _NAME_SIGNS.sub("_", charset.lower()).removeprefix("x_").replace("windows_", "cp")
    return _CODECS.get(name)


def transcoded(octets: bytes, charset: str) -> str | None:
    """The text; None when the charset is not known, or the octets are not of it."""
    name = codec(charset)
    try:
        return None if name is None else _whole(octets.decode(name))
    except (UnicodeError, LookupError):
        return None


def readable(octets: bytes, charset: str) -> str:
    """As far as it can be read. What is no UTF-8 stays as octets, as strings of scripts have it."""
    name = codec(charset) or UTF_8
    if name == UTF_8:
        return octets.decode(name, "surrogateescape")
    try:
        return _whole(octets.decode(name, "replace"))
    except (UnicodeError, LookupError):
        return octets.decode(UTF_8, "surrogateescape")


def _whole(text: str) -> str:
    """UTF-7 lets halves of pairs through, which no other encoding can write."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
