# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server says (RFC 5804, 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_QUOTED = 1024
"""RFC 5804, 4: quoted. Octets between the quotes."""

_UNQUOTABLE = re.compile(rb"[\x00\r\n]")
_SPECIAL = re.compile(rb'(["\\])')


def string(value: str | bytes) -> bytes:
    """Quoted where that is possible, else a literal."""
    octets = value.encode() if isinstance(value, str) else value
    if len(octets) > MOST_QUOTED or _UNQUOTABLE.search(octets):
        return literal(octets)
    return b'"%b"' % _SPECIAL.sub(rb"\\\1", octets)


def literal(octets: bytes) -> bytes:
    """The form for scripts, whatever is in them."""
    return b"{%d}\r\n%b" % (len(octets), octets)


def status(word: str, text: str = "", code: str | None = None) -> bytes:
    """OK, NO or BYE. Lines of the text that end with LF are ended with CRLF (RFC 5804, 2.6).

    `code` is a response code without parentheses; see `coded` for those with an argument.
    """
    parts = [word.encode()]
    if code is not None:
        parts.append(b"(%b)" % code.encode("utf-8", "surrogateescape"))
    if text:
        parts.append(string("\r\n".join(text.splitlines())))
    return b" ".join(parts) + b"\r\n"


def coded(name: str, argument: bytes) -> str:
    """A response code with an argument: TAG (RFC 5804, 2.13)."""
    return f"{name} {string(argument).decode('utf-8', 'surrogateescape')}"


def capabilities(values: Iterable[tuple[str, str | None]]) -> bytes:
    """One line each: a name, and a value where there is one (RFC 5804, 1.7)."""
    lines = [string(name) if value is None else string(name) + b" " + string(value) for name, value in values]
    return b"".join(line + b"\r\n" for line in lines)


def listing(scripts: Iterable[tuple[str, bool]]) -> bytes:
    """RFC 5804, 2.7: names, each with whether that script is active."""
    return b"".join(string(name) + (b" ACTIVE\r\n" if active else b"\r\n") for name, active in scripts)
