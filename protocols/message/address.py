# SPDX-License-Identifier: GPL-3.0-or-later
"""Address lists, tolerantly (RFC 5322, 3.4 and 4.4)."""

from __future__ import annotations

import re
from itertools import chain, pairwise
from typing import NamedTuple

from protocols.message.addresstoken import ATOM, Token, tokens
from protocols.message.wire import nstring

NO_MAILBOX, NO_DOMAIN = b"MISSING_MAILBOX", b"MISSING_DOMAIN"
"""What stands for the missing half of an address: NIL there would mean a group (RFC 9051, 7.5.2)."""

MAX_ADDRESSES = 10_000

_USUAL = re.compile(
    rb'\s*+(?:(?:"([^"\\]*+)"|([^"(),:;<>@\[\]\\]*+))\s*+<(%b++)@(%b++)>|(%b++)@(%b++))\s*+(?:,|\Z)'
    % (ATOM, ATOM, ATOM, ATOM)
)
_ROUTE = re.compile(rb"<\s*+@[^:<>]*+:")


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
    """The addresses of an unfolded field, `MAX_ADDRESSES` at most.

    Never fails: what is missing is told by NO_MAILBOX and NO_DOMAIN.
    """
    found: list[Address] = []
    at = 0
    while len(found) < MAX_ADDRESSES and (usual := _USUAL.match(value, at)):
        quoted, phrase, local, domain, bare, bare_domain = usual.groups()
        name = quoted or (phrase and phrase.strip()) or None
        found.append(Address(name, local or bare, domain or bare_domain))
        at = usual.end()
    return found if at == len(value) else _unusual(value[at:], found)


def _unusual(value: bytes, found: list[Address]) -> list[Address]:
    """What `_USUAL` does not cover: groups, comments, routes, quoted local parts, and everything that is wrong."""
    in_group = in_angle = False
    pending: list[Token] = []
    # RFC 5322, 4.4: a source route is to be ignored.
    for token in chain(tokens(_ROUTE.sub(b"<", value)), [Token(",", b",")]):
        if len(found) >= MAX_ADDRESSES:
            break
        if token.kind == ":" and not in_angle:
            found += [GROUP_END] if in_group else []
            found.append(Address(None, _phrase(pending) or b"", None))
            in_group, pending = True, []
        elif token.kind in (",", ";"):
            found += _mailbox(pending)
            found += [GROUP_END] if in_group and token.kind == ";" else []
            in_group, in_angle, pending = in_group and token.kind == ",", False, []
        else:
            pending.append(token)
            in_angle = token.kind == "<" or (in_angle and token.kind != ">")
    return [*found, GROUP_END] if in_group else found


def _mailbox(pending: list[Token]) -> list[Address]:
    """One address, or none where there are no words. The last comment serves as name when there is no other."""
    comment = next((token.text for token in reversed(pending) if token.kind == "comment"), None)
    words = [token for token in pending if token.kind != "comment"]
    kinds = [token.kind for token in words]
    if "<" in kinds:
        opened = kinds.index("<")
        inside = words[opened + 1 : kinds.index(">", opened) if ">" in kinds[opened:] else None]
        return [Address(_phrase(words[:opened]) or comment, *_angle(inside))]
    if "@" in kinds:
        at = len(kinds) - 1 - kinds[::-1].index("@")
        local = _touching(words[:at])
        phrase = _phrase(words[: at - len(local)])
        return [Address(phrase or comment, _joined(local) or NO_MAILBOX, _domain(words[at + 1 :]))]
    if len(words) > 1:
        return [Address(_phrase(words), NO_MAILBOX, NO_DOMAIN)]
    return [Address(comment, word.text, NO_DOMAIN) for word in words if word.kind in ("word", "quoted") and word.text]


def _angle(inside: list[Token]) -> tuple[bytes, bytes]:
    """Local part and domain of `<...>`."""
    kinds = [token.kind for token in inside]
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
    last = len(words)
    for n, (before, word) in enumerate(pairwise(words), 1):
        if word.spaced and not (word.text.startswith(b".") or before.text.endswith(b".")):
            last = n
            break
    return _joined(words[:last]) or NO_DOMAIN


def _joined(words: list[Token]) -> bytes:
    return b"".join([word.text for word in words])


def _phrase(words: list[Token]) -> bytes | None:
    return b" ".join([word.text for word in words if word.kind != "comment"]) or None
