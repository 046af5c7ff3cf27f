# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes and paths of MAIL and RCPT (RFC 5321, 4.1.2; RFC 6531, 3.3)."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

import idna

_ATEXT = r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\U0010FFFF]"
# Runs of dots and a dot at the end break the grammar, and some telephone companies gave out such addresses.
_DOT_STRING = re.compile(rf"{_ATEXT}(?:{_ATEXT}|\.)*")
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~\u0080-\U0010FFFF]|\\[ -~])*)"')
_LABEL = r"[A-Za-z0-9_\u0080-\U0010FFFF](?:[A-Za-z0-9_\-\u0080-\U0010FFFF]*[A-Za-z0-9_\u0080-\U0010FFFF])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LITERAL = re.compile(r"\[[!-Z^-~]+\]")
_ROUTE = re.compile(rf"@{_LABEL}(?:\.{_LABEL})*(?:,@{_LABEL}(?:\.{_LABEL})*)*:")
_ESCAPED = re.compile(r"\\(.)")

MAX_PATH = 254
"""RFC 5321, 4.5.3.1.3: 256 octets with the brackets. The 64 octets of a local part are a floor; senders go above."""


class BadAddress(ValueError):
    """Not an address."""


class Address(NamedTuple):
    """A mailbox. `local` is without quotes and escapes; `domain` is in lower case and ASCII (A-labels), or a literal.

    `<Postmaster>` alone (RFC 5321, 4.1.1.3) has an empty domain.
    """

    local: str
    domain: str

    def __str__(self) -> str:
        local = self.local if _DOT_STRING.fullmatch(self.local) else _quote(self.local)
        return f"{local}@{self.domain}" if self.domain else local

    @property
    def is_ascii(self) -> bool:
        return self.local.isascii()


def parse_path(text: str) -> tuple[Address | None, str]:
    """The path at the start of `text`, None for `<>`, and what follows it. A source route is read and dropped, as
    RFC 5321, 4.1.1.3 and appendix C ask: mail goes to the last address or nowhere. Raises BadAddress."""
    if text.startswith("<>"):
        return None, text[2:]
    if not text.startswith("<"):
        raise BadAddress("a path starts with <")
    route = _ROUTE.match(text, 1)
    address, end = _mailbox(text, route.end() if route else 1)
    if text[end : end + 1] != ">":
        raise BadAddress("a path ends with >")
    if len(str(address).encode()) > MAX_PATH:
        raise BadAddress("the path is too long")
    return address, text[end + 1 :]


def parse_address(text: str) -> Address:
    """The whole of `text` as a mailbox. Raises BadAddress."""
    address, end = _mailbox(text, 0)
    if end != len(text) or not address.domain or len(text.encode()) > MAX_PATH:
        raise BadAddress("not an address")
    return address


def _mailbox(text: str, start: int) -> tuple[Address, int]:
    if quoted := _QUOTED.match(text, start):
        local, end = _ESCAPED.sub(r"\1", quoted[1]), quoted.end()
    elif atoms := _DOT_STRING.match(text, start):
        local, end = atoms[0], atoms.end()
    else:
        raise BadAddress("no local part")
    if text[end : end + 1] != "@":
        if local.lower() == "postmaster":
            return Address(local, ""), end
        raise BadAddress("no domain")
    if found := _DOMAIN.match(text, end + 1):
        return Address(local, _domain(found[0])), found.end()
    if found := _LITERAL.match(text, end + 1):
        return Address(local, _literal(found[0])), found.end()
    raise BadAddress("no domain")


def _domain(name: str) -> str:
    """Lower case; other scripts as A-labels, so that one domain has one spelling (RFC 5890, 2.3.2.1)."""
    if not name.isascii():
        try:
            name = idna.encode(unicodedata.normalize("NFC", name), uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise BadAddress("not a domain name") from error
    if len(name) > 253 or any(len(label) > 63 for label in name.split(".")):
        raise BadAddress("the domain is too long")
    return name.lower()


def _literal(text: str) -> str:
    """RFC 5321, 4.1.3."""
    inner = text[1:-1]
    try:
        if inner[:5].lower() == "ipv6:":
            return f"[IPv6:{IPv6Address(inner[5:])}]"
        return f"[{IPv4Address(inner)}]"
    except ValueError as error:
        raise BadAddress("not an address literal") from error


def _quote(local: str) -> str:
    return '"' + local.replace("\\", "\\\\").replace('"', '\\"') + '"'
