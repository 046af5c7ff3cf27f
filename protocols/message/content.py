# SPDX-License-Identifier: GPL-3.0-or-later
"""Content-Type and Content-Disposition values (RFC 2045, 5.1; RFC 2183, 2; RFC 2231)."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from protocols.message.wire import string

Parameters = tuple[tuple[bytes, bytes], ...]

_TOKEN = rb"[!#-'*+.0-9A-Z^-~-]{1,127}+"
_TYPE = re.compile(rb"\s*+(%b)\s*+/\s*+(%b)(?![^\s;(])" % (_TOKEN, _TOKEN))
_ONLY_WORD = re.compile(rb"\s*+(%b)\s*+(?:[;(]|\Z)" % _TOKEN)
_PARAMETER = re.compile(rb';\s*+([^\s=;"]++)\s*+=\s*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"|([^;]*+))', re.DOTALL)
_BACKSLASH = re.compile(rb"\\(.)", re.DOTALL)
_MESSAGES = ("message/rfc822", "message/global")
_COMMENT = re.compile(rb"\s\([^()]*+\)?\s*+\Z")


class ContentType(NamedTuple):
    """Spelled as sent. `kind` is "text/plain" and so on, lower case."""

    main: bytes
    sub: bytes
    parameters: Parameters
    kind: str

    @property
    def is_multipart(self) -> bool:
        return self.kind.startswith("multipart/")

    @property
    def is_container(self) -> bool:
        """There are parts inside: a multipart or a message (RFC 9051, 6.4.5.1)."""
        return self.kind in _MESSAGES or self.is_multipart

    @property
    def is_text(self) -> bool:
        return self.kind.startswith("text/")

    @property
    def boundary(self) -> bytes:
        """b"" when there is none."""
        return parameter(self.parameters, b"boundary").rstrip()


PLAIN = ContentType(b"text", b"plain", ((b"charset", b"us-ascii"),), "text/plain")
"""RFC 2045, 5.2: what a message without a usable Content-Type is."""
MESSAGE = ContentType(b"message", b"rfc822", (), "message/rfc822")
"""RFC 2046, 5.1.5: the same in a multipart/digest."""
OPAQUE = ContentType(b"application", b"octet-stream", (), "application/octet-stream")
"""What is not looked into."""


def content_type(value: bytes | None, default: ContentType) -> ContentType:
    """The type that a Content-Type field tells, `default` without one, PLAIN when it is broken."""
    if value is None:
        return default
    found = _TYPE.match(value)
    if found is None:
        return PLAIN
    main, sub = found.groups()
    kind = f"{main.decode()}/{sub.decode()}".lower()
    listed = parameters(value)
    if kind.startswith("text/") and not any(name.lower() == b"charset" for name, _ in listed):
        listed += PLAIN.parameters
    result = ContentType(main, sub, listed, kind)
    return PLAIN if result.is_multipart and not result.boundary else result


def parameters(value: bytes) -> Parameters:
    """All parameters in order; names and values as sent (RFC 2231 forms, too), quoting and comments removed."""
    if b";" not in value:
        return ()
    found = []
    for name, quoted, plain in _PARAMETER.findall(value):
        if b"\\" in quoted:
            quoted = _BACKSLASH.sub(rb"\1", quoted)
        found.append((name, quoted or _unquoted(plain)))
    return tuple(found)


def _unquoted(plain: bytes) -> bytes:
    plain = _COMMENT.sub(b"", plain) if b"(" in plain else plain
    return plain.strip().removeprefix(b'"')


def parameter(listed: Parameters, name: bytes) -> bytes:
    """The value of one parameter, put together from its pieces (RFC 2231, 3 and 4); b"" without it."""
    named = {key.lower(): value for key, value in reversed(listed)}
    if name in named:
        return named[name]
    if name + b"*" in named:
        return _percent_decoded(named[name + b"*"])
    pieces = []
    for number in range(len(named)):
        piece = b"%b*%d" % (name, number)
        if piece in named:
            pieces.append(named[piece])
        elif piece + b"*" in named:
            pieces.append(_percent_decoded(named[piece + b"*"]))
        else:
            break
    return b"".join(pieces)


def _percent_decoded(value: bytes) -> bytes:
    """Without the charset and the language in front."""
    return unquote_to_bytes(value.rpartition(b"'")[2])


def parameters_wire(listed: Parameters) -> bytes:
    """Body parameters as IMAP writes them (RFC 9051, 9: body-fld-param)."""
    if not listed:
        return b"NIL"
    return b"(%b)" % b" ".join([b"%b %b" % (string(name), string(value)) for name, value in listed])


def disposition_wire(value: bytes | None) -> bytes:
    """A Content-Disposition as IMAP writes it (RFC 9051, 9: body-fld-dsp); NIL when it is missing or broken."""
    word = token(value)
    return b"(%b %b)" % (string(word), parameters_wire(parameters(value))) if value and word else b"NIL"


def language_wire(value: bytes | None) -> bytes:
    """A Content-Language as a list of tags (RFC 9051, 9: body-fld-lang)."""
    tags = [tag for tag in (value or b"").replace(b",", b" ").split() if tag]
    return b"(%b)" % b" ".join([string(tag) for tag in tags]) if tags else b"NIL"


def token(value: bytes | None) -> bytes:
    """The token that a field holds, with or without parameters; b"" where something else stands."""
    found = _ONLY_WORD.match(value) if value else None
    return found[1] if found else b""
