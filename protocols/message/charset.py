# SPDX-License-Identifier: GPL-3.0-or-later
"""Octets to text by the name of a charset as mail uses it, tolerantly."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from encodings.aliases import aliases

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
_NO_CHARSETS = {"base64_codec", "bz2_codec", "hex_codec", "mbcs", "quopri_codec", "rot_13", "uu_codec", "zlib_codec"}
_KNOWN = frozenset({"koi8_u", "cp720", "cp737", "cp856", "cp874"}).union(
    *((alias, codec) for alias, codec in aliases.items() if codec not in _NO_CHARSETS)
)
"""Other names are not looked up: a search for them is slow, and Python remembers each in vain."""
_NOT_ASCII = re.compile(r"utf[-_]?(7|16|32)|iso-?2022|hz")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def to_text(data: bytes, charset: str = "") -> str:
    """Decode; `charset` is a lower-case name, "" when unknown. Never fails: what is wrong becomes U+FFFD.

    Octets without a known charset count as UTF-8 if they are that, else as Windows-1252.
    """
    if data.isascii() and not (charset and _NOT_ASCII.search(charset)):
        return data.decode("ascii")
    codec = _codec(charset)
    try:
        text = data.decode(codec or "utf-8", "replace" if codec else "strict")
    except (UnicodeError, LookupError):
        return data.decode("cp1252", "replace")
    return _without_surrogates(text, codec)


def _without_surrogates(text: str, codec: str) -> str:
    """UTF-7 lets halves of pairs through, which no other encoding can write."""
    return _SURROGATE.sub("\ufffd", text) if codec == "utf_7" else text


def decoded_text(pieces: Callable[[], Iterable[bytes]], charset: str = "") -> Iterator[str]:
    """As `to_text` of all pieces joined. `pieces` gives them anew each time it is called."""
    codec = _codec_of(pieces, charset)
    decode = codecs.getincrementaldecoder(codec)("replace").decode
    for piece in pieces():
        yield _without_surrogates(decode(piece), codec)
    yield _without_surrogates(decode(b"", True), codec)


def _codec_of(pieces: Callable[[], Iterable[bytes]], charset: str) -> str:
    """What `to_text` would take for all of it."""
    if not (charset and _NOT_ASCII.search(charset)) and all(piece.isascii() for piece in pieces()):
        return "ascii"
    codec = _codec(charset) or "utf-8"
    try:
        check = codecs.getincrementaldecoder(codec)("replace" if _codec(charset) else "strict").decode
        for piece in pieces():
            check(piece)
        check(b"", True)
    except (UnicodeError, LookupError):
        # Without a mark at its start UTF-16 is in the order of this machine.
        return f"{codec}_{sys.byteorder[0]}e" if codec in ("utf_16", "utf_32") else "cp1252"
    return codec


def _codec(charset: str) -> str:
    """Python's name of a charset, "" when there is none."""
    name = _ALIASES.get(charset, charset).removeprefix("x-")
    name = name.replace("windows-", "cp").replace("-", "_").replace(".", "_")
    return name if name in _KNOWN else ""
