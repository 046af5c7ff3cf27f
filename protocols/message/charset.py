# SPDX-License-Identifier: GPL-3.0-or-later
"""Octets to text by the name of a charset as mail uses it, tolerantly."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# Names that mail uses and Python does not know, or knows in a narrower sense than their users.
_ALIASES = {
    "ascii": "",
    "us-ascii": "",
    "ansi_x3.4-1968": "",
    "unknown-8bit": "",
    "default": "",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "gb2312": "gb18030",
    "x-gbk": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "x-unicode-2-0-utf-7": "utf-7",
}
_NOT_ASCII = re.compile(r"utf-?(7|16|32)|iso-?2022|hz")
_TEXT_CODEC = re.compile(r"utf|iso|latin|windows|cp|koi|big5|gb|hz|euc|shift|mac|tis|johab|l[1-9]|\d")


@lru_cache(maxsize=256)
def _codec(charset: str) -> str | None:
    """The name of Python's codec, None when there is none fit for text of strangers."""
    name = _ALIASES.get(charset, charset).removeprefix("x-")
    if not _TEXT_CODEC.match(name):
        return None
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return None


def to_text(data: bytes, charset: str = "") -> str:
    """Decode; `charset` is a lower-case name, "" when unknown. Never fails: what is wrong becomes U+FFFD.

    Octets without a known charset count as UTF-8 if they are that, else as Windows-1252.
    """
    if data.isascii() and not _NOT_ASCII.match(charset):
        return data.decode("ascii")
    codec = _codec(charset)
    try:
        return data.decode(codec or "utf-8", "replace" if codec else "strict")
    except (UnicodeError, LookupError):
        return data.decode("cp1252", "replace")
