# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of our own: header fields and bodies that every server takes (RFC 5322, RFC 2045, RFC 2047)."""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime, getaddresses, quote
from hashlib import sha256
from typing import NamedTuple

from sieve.addresses import addresses, is_address
from sieve.header import fields, split

_WIDTH = 76
_LONGEST = 998
_WORD = 50
"""Characters of an encoded word; with its frame and the longest name before it a line has 76 (RFC 2047, 2)."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SPECIAL = re.compile(r"[^\w !#$%&'*+/=?^`{|}~-]", re.ASCII)
_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")


class Entity(NamedTuple):
    """What a message or one of its parts carries: the fields that describe it, and its octets."""

    fields: Sequence[str]
    body: bytes

    def octets(self) -> bytes:
        """As it stands inside a multipart."""
        return _header(self.fields) + self.body


class Mailbox(NamedTuple):
    """A person in a header field; `name` is "" where only the address is known."""

    name: str
    address: str


def message(header: Sequence[str], entity: Entity, now: datetime, domain: str) -> bytes:
    """The whole of it, dated `now`. Its identifier is made of all that is in it, so it is the same for the same."""
    lines = [*header, f"Date: {format_datetime(now)}"]
    digest = sha256("\n".join([now.isoformat(), *lines, *entity.fields]).encode() + entity.body).hexdigest()
    lines += [f"Message-ID: <{digest[:32]}@{domain}>", "MIME-Version: 1.0", *entity.fields]
    return _header(lines) + entity.body


def unstructured(name: str, value: str) -> str:
    """A field of text, folded: in encoded words if it is not ASCII, or cannot be folded (RFC 5322, 2.1.1)."""
    value = readable(value)
    plain = value.isascii() and all(len(word) < _LONGEST for word in value.split(" "))
    return folded(f"{name}: {value if plain else _encoded(value)}")


def people(name: str, mailboxes: Sequence[Mailbox]) -> str:
    """A field of addresses (RFC 5322, 3.4)."""
    return folded(f"{name}: {', '.join(map(_mailbox, mailboxes))}")


def folded(line: str) -> str:
    """A field on lines of at most 76 characters, as far as it has spaces (RFC 5322, 2.2.3)."""
    lines: list[str] = []
    for word in line.split(" "):
        if not lines or (word and len(lines[-1]) + 1 + len(word) > _WIDTH):
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    return "\r\n ".join(lines)


def mailbox_list(text: str) -> list[Mailbox]:
    """What a script gives as an author (RFC 5322, 3.4); [] when it is no list of addresses."""
    found = [Mailbox(name, address) for name, address in getaddresses([text])]
    # Two parsers must agree: what one of them reads into a text that is no list, the other does not.
    known = tuple(one for mailbox in found for one in addresses(mailbox.address))
    return found if known == addresses(text) and all(is_address(mailbox.address) for mailbox in found) else []


def readable(text: str) -> str:
    """On one line, and what is no UTF-8 replaced."""
    return _CONTROL.sub(" ", _octets(text).decode()).strip()


def wire(text: str) -> bytes:
    """As octets whose lines end as in mail, the last one too."""
    octets = _octets(_LINE_END.sub("\r\n", text))
    return octets if octets.endswith(b"\r\n") else octets + b"\r\n"


def plain(text: str) -> Entity:
    """Text as a body, encoded only when it must be (RFC 2045, 6)."""
    body = wire(text)
    encoding = "7bit"
    if not body.isascii() or any(len(line) > _LONGEST for line in body.split(b"\r\n")):
        encoding, body = "quoted-printable", b2a_qp(body, istext=True)
    return Entity(["Content-Type: text/plain; charset=utf-8", f"Content-Transfer-Encoding: {encoding}"], body)


def mime(text: str) -> Entity:
    """A MIME entity that a script has written; only what describes its content counts of its header."""
    header, rest = split(wire(text))
    known = {field.name.lower(): field for field in fields(header) if field.name.lower().startswith("content-")}
    body = rest.removeprefix(b"\r\n")
    given = [field.line().decode().removesuffix("\r\n") for field in known.values()]
    if "content-type" not in known:
        given.append("Content-Type: text/plain; charset=utf-8")
    if not body.isascii() and "content-transfer-encoding" not in known:
        given.append("Content-Transfer-Encoding: 8bit")
    return Entity(given, body)


def has_plain_header(text: str) -> bool:
    """Is the header of a MIME entity ASCII (RFC 5230, 5)?"""
    return split(wire(text))[0].isascii()


def multipart(kind: str, parts: Sequence[Entity]) -> Entity:
    """`kind` is the subtype with its parameters. No part can have its own digest in it, so that is the boundary."""
    octets = [part.octets() for part in parts]
    boundary = f"=_{sha256(b''.join(octets)).hexdigest()[:32]}"
    framed = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in octets)
    described = [folded(f'Content-Type: multipart/{kind}; boundary="{boundary}"')]
    if not framed.isascii():
        described.append("Content-Transfer-Encoding: 8bit")
    return Entity(described, framed + b"--%b--\r\n" % boundary.encode())


def _header(lines: Sequence[str]) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode()


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode()


def _mailbox(mailbox: Mailbox) -> str:
    name = readable(mailbox.name)
    if not name:
        return mailbox.address
    if not name.isascii():
        name = _encoded(name)
    elif _SPECIAL.search(name):
        name = f'"{quote(name)}"'
    return f"{name} <{mailbox.address}>"


def _encoded(text: str) -> str:
    """Encoded words (RFC 2047, 4.2), each of whole characters."""
    words = [""]
    for character in text:
        octets = "".join(map(_quoted, character.encode()))
        if len(words[-1]) + len(octets) > _WORD:
            words.append("")
        words[-1] += octets
    return " ".join(f"=?utf-8?q?{word}?=" for word in words)


def _quoted(octet: int) -> str:
    if octet in _SAFE:
        return chr(octet)
    return "_" if octet == ord(" ") else f"={octet:02X}"
