# SPDX-License-Identifier: GPL-3.0-or-later
"""Address lists, tolerantly (RFC 5322, 3.4 and 4.4)."""

from __future__ import annotations

import re
from typing import NamedTuple

from protocols.message.addresstoken import ATOM, Token, tokens
from protocols.message.wire import nstring

NO_MAILBOX, NO_DOMAIN = b"MISSING_MAILBOX", b"MISSING_DOMAIN"
"""What stands for the missing half of an address: NIL there would mean a group (RFC 9051, 7.5.2)."""

_USUAL = re.compile(
    rb'\s*+(?:(?:"([^"\\]*+)"|([^"(),:;<>@\[\]\\]*+))\s*+<(%b++)@(%b++)>|(%b++)@(%b++))\s*+(?:,|\Z)'
    % (ATOM, ATOM, ATOM, ATOM)
)


class Address(NamedTuple):
    """A mailbox; or, `host` None, the start of a group (`mailbox` is its name) or its end (`mailbox` None, too)."""

    name: bytes | None
    mailbox: bytes | None
    host: bytes | None


GROUP_END = Address(None, None, None)


def wire(addresses: list[Address]) -> bytes:
    """An address list of ENVELOPE, NIL when it is empty (RFC 9051, 7.5.2). Source routes are obsolete and left out."""
    if not addresses:
        return b"NIL"
    return b"(%b)" % b"".join(
        [b"(%b NIL %b %b)" % (nstring(name), nstring(mailbox), nstring(host)) for name, mailbox, host in addresses]
    )


def parse_addresses(value: bytes) -> list[Address]:
    """The addresses of an unfolded field. Never fails: what is missing is told by NO_MAILBOX and NO_DOMAIN."""
    found = []
    at = 0
    while usual := _USUAL.match(value, at):
        quoted, phrase, local, domain, bare, bare_domain = usual.groups()
        name = quoted or (phrase and phrase.strip()) or None
        found.append(Address(name, local or bare, domain or bare_domain))
        at = usual.end()
    return found if at == len(value) else [*found, *_unusual(value[at:])]


def _unusual(value: bytes) -> list[Address]:
    """What `_USUAL` does not cover: groups, comments, routes, quoted local parts, and everything that is wrong."""
    found: list[Address] = []
    group = False
    pending: list[Token] = []
    for token in [*tokens(value), Token(",", b",")]:
        if token.kind == ":" and not _in_angle(pending):
            found += [GROUP_END] if group else []
            found.append(Address(None, _phrase(pending) or b"", None))
            group, pending = True, []
        elif token.kind in (",", ";"):
            found += _mailbox(pending)
            pending = []
            if group and token.kind == ";":
                found.append(GROUP_END)
                group = False
        else:
            pending.append(token)
    return [*found, GROUP_END] if group else found


def _in_angle(pending: list[Token]) -> bool:
    kinds = [token.kind for token in pending]
    return "<" in kinds and ">" not in kinds


def _mailbox(pending: list[Token]) -> list[Address]:
    """One address, or none where there are no words. A comment serves as name when there is no other."""
    comment = next((token.text for token in pending if token.kind == "comment"), None)
    words = [token for token in pending if token.kind != "comment"]
    kinds = [token.kind for token in words]
    if "<" in kinds:
        opened = kinds.index("<")
        inside = words[opened + 1 : kinds.index(">") if ">" in kinds[opened:] else None]
        return [Address(_phrase(words[:opened]) or comment, *_angle(inside))]
    if "@" in kinds:
        at = len(kinds) - 1 - kinds[::-1].index("@")
        local = _touching(words[:at])
        phrase = _phrase(words[: at - len(local)])
        return [Address(phrase or comment, _joined(local) or NO_MAILBOX, _domain(words[at + 1 :]))]
    if len(words) > 1:
        return [Address(_phrase(words), NO_MAILBOX, NO_DOMAIN)]
    return [Address(comment, word.text or NO_MAILBOX, NO_DOMAIN) for word in words]


def _angle(inside: list[Token]) -> tuple[bytes, bytes]:
    """Local part and domain of `<...>`; a source route in front is passed over (RFC 5322, 4.4)."""
    kinds = [token.kind for token in inside]
    if kinds[:1] == ["@"] and ":" in kinds:
        route = kinds.index(":") + 1
        inside, kinds = inside[route:], kinds[route:]
    if "@" not in kinds:
        return _joined(inside) or NO_MAILBOX, NO_DOMAIN
    at = len(kinds) - 1 - kinds[::-1].index("@")
    return _joined(inside[:at]) or NO_MAILBOX, _domain(inside[at + 1 :])


def _touching(words: list[Token]) -> list[Token]:
    """The last words, those without white space between them."""
    first = len(words) - 1
    while first > 0 and not words[first].spaced:
        first -= 1
    return words[max(first, 0) :]


def _domain(words: list[Token]) -> bytes:
    """The first words, those with at most dots and white space between them (RFC 5322, 4.4: obs-domain)."""
    domain = b""
    for word in words:
        if domain and word.spaced and not (word.text.startswith(b".") or domain.endswith(b".")):
            break
        domain += word.text
    return domain or NO_DOMAIN


def _joined(words: list[Token]) -> bytes:
    return b"".join([word.text for word in words])


def _phrase(words: list[Token]) -> bytes | None:
    return b" ".join([word.text for word in words if word.kind != "comment"]) or None
