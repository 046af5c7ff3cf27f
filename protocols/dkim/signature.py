# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM-Signature fields, and ARC-Message-Signature which is made of the same tags (RFC 6376, 3.5; RFC 8617, 4.1.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from protocols.dkim.canonical import Canonical, relaxed_field, simple_field
from protocols.dkim.errors import Malformed, Unusable
from protocols.dkim.tags import listed, octets, parse_tags

ALGORITHMS = ("rsa-sha256", "ed25519-sha256")
"""RFC 8301, 3.1: rsa-sha1 says nothing any more."""
MAX_DIGITS = 76
"""RFC 6376, 3.5: of l=."""

_SIGNATURE_TAG = re.compile(rb"((?:[:;]|\A)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_SELECTOR = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")

Field = tuple[bytes, bytes]
"""A header field: its name in lower case, and all its octets with the line end."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What one field says. `names` are those of h=; `identity` is i=, "" where it is not told."""

    raw: bytes
    algorithm: str
    domain: str
    selector: str
    signature: bytes
    start: str
    field_form: Canonical
    relaxed_body: bool
    body_hash: bytes
    limit: int | None
    names: Sequence[bytes]
    identity: str

    @property
    def key_name(self) -> str:
        """Where the key is (RFC 6376, 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"

    def signed(self, fields: Sequence[Field]) -> bytes:
        """All octets that the signature covers, but the body (RFC 6376, 3.7)."""
        return b"".join(map(self.field_form, selected(fields, self.names))) + unsigned(self.raw, self.field_form)


def parse_signature(raw: bytes, now: float, *, arc: bool = False) -> Signature:
    """`raw` is the whole field, `now` in seconds since the epoch. Raises Malformed, Unusable."""
    tags = parse_tags(raw.partition(b":")[2])
    require(tags, ["a", "b", "bh", "d", "s"] if arc else ["v", "a", "b", "bh", "d", "h", "s"])
    names = [name.encode() for name in listed(tags.get("h", ""))]
    _check_names(tags, names, arc=arc)
    if "q" in tags and "dns/txt" not in listed(tags["q"]):
        raise Unusable("no way to the key is known")
    _check_times(tags, now)
    header, body = _forms(tags.get("c", "relaxed/relaxed" if arc else "simple/simple"))
    return Signature(
        raw=raw,
        algorithm=algorithm(tags),
        domain=domain(tags),
        selector=selector(tags),
        signature=octets(tags["b"], "b"),
        start=re.sub(r"\s+", "", tags["b"])[:8],
        field_form=relaxed_field if header == "relaxed" else simple_field,
        relaxed_body=body == "relaxed",
        body_hash=octets(tags["bh"], "bh"),
        limit=number(tags.get("l"), "l"),
        names=names,
        identity="" if arc else _identity(tags),
    )


def unsigned(raw: bytes, form: Canonical) -> bytes:
    """A signature field as it is signed itself: without the value of b= and without its line end."""
    name, colon, value = raw.partition(b":")
    return form(name + colon + _SIGNATURE_TAG.sub(rb"\1", value, count=1)).removesuffix(b"\r\n")


def require(tags: dict[str, str], names: Sequence[str]) -> None:
    """Raises Malformed."""
    for name in names:
        if not tags.get(name):
            raise Malformed(f"{name}= is missing")


def algorithm(tags: dict[str, str]) -> str:
    """Raises Unusable."""
    if tags["a"] not in ALGORITHMS:
        raise Unusable(f"algorithm {tags['a']} is not accepted")
    return tags["a"]


def domain(tags: dict[str, str]) -> str:
    """Raises Malformed."""
    try:
        found = tags["d"].lower().encode("idna" if not tags["d"].isascii() else "ascii").decode("ascii")
    except UnicodeError as error:
        raise Malformed("d= is not a domain") from error
    if not _DOMAIN.fullmatch(found):
        raise Malformed("d= is not a domain")
    return found


def selector(tags: dict[str, str]) -> str:
    """Raises Malformed."""
    if not _SELECTOR.fullmatch(tags["s"]):
        raise Malformed("s= is not a selector")
    return tags["s"].lower()


def _check_names(tags: dict[str, str], names: Sequence[bytes], *, arc: bool) -> None:
    if arc:
        # RFC 8617, 4.1.2: a seal comes later and is never part of it.
        if "h" not in tags or b"arc-seal" in names:
            raise Malformed("h= is missing or names ARC-Seal")
    elif tags["v"] != "1":
        raise Malformed("unknown version")
    elif b"from" not in names:
        # RFC 6376, 5.4: without it a signature says nothing of what people see.
        raise Malformed("From is not signed")


def selected(fields: Sequence[Field], names: Sequence[bytes]) -> list[bytes]:
    """RFC 6376, 5.4.2: the last field of a name first; more names than fields sign that there are no more."""
    left: dict[bytes, list[bytes]] = {name: [] for name in names}
    for name, raw in fields:
        if name in left:
            left[name].append(raw)
    return [left[name].pop() for name in names if left[name]]


def _forms(text: str) -> tuple[str, str]:
    header, slash, body = text.partition("/")
    forms = header, body if slash else "simple"
    if not set(forms) <= {"simple", "relaxed"}:
        raise Unusable("unknown canonicalization")
    return forms


def _check_times(tags: dict[str, str], now: float) -> None:
    begun, expires = number(tags.get("t"), "t"), number(tags.get("x"), "x")
    if expires is not None and expires < now:
        raise Unusable("signature expired")
    if begun is not None and expires is not None and expires <= begun:
        raise Malformed("x= is before t=")


def number(text: str | None, name: str) -> int | None:
    """Raises Malformed."""
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > MAX_DIGITS:
        raise Malformed(f"{name}= is not a number")
    return int(text)


def _identity(tags: dict[str, str]) -> str:
    """RFC 6376, 3.5: the domain of i= is d= or below it."""
    if "i" not in tags:
        return ""
    found = tags["i"].rpartition("@")[2].lower()
    if found != tags["d"].lower() and not found.endswith("." + tags["d"].lower()):
        raise Malformed("i= is not within d=")
    return tags["i"]
