# SPDX-License-Identifier: GPL-3.0-or-later
"""One spelling for each address and domain: what is stored and compared is canonical, what people type need not be."""

from __future__ import annotations

import re
import unicodedata

import idna

_ATOM = re.compile(r"[^\x00-\x20\x7f()<>\[\]:;@\\,\".]+(?:\.[^\x00-\x20\x7f()<>\[\]:;@\\,\".]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


class BadName(ValueError):
    """The text cannot be an address or domain; it says why."""


def canonical(address: str) -> str:
    """The spelling under which an address is looked up; also of one that is not valid, which then is not found.

    Local parts are compared without case, as every mail server does though RFC 5321, 2.4 lets hosts differ; a quoted
    one that needs no quotes is the same without them (RFC 5321, 4.1.2); domains are in A-labels (RFC 5890, 2.3.2.1).
    """
    local, at, domain = address.rpartition("@")
    if not at:
        local, domain = domain, ""
    if local.startswith('"'):
        local = _unquoted(local)
    if not local.isascii():
        local = unicodedata.normalize("NFC", local)
    return f"{local.lower()}{at}{canonical_domain(domain)}"


def canonical_domain(domain: str) -> str:
    """A domain in lower-case A-labels; one that IDNA forbids stays as it is and is not found."""
    if domain.isascii():
        return domain.lower().removesuffix(".")
    try:
        return idna.encode(domain, uts46=True).decode("ascii").removesuffix(".")
    except idna.IDNAError:
        return domain.lower()


def shown(address: str) -> str:
    """An address as people read it: the domain in U-labels where it has some."""
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain:
        return address
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except idna.IDNAError:
        return address


def new_domain(text: str) -> str:
    """A domain to be added, canonical. Raises BadName."""
    domain = canonical_domain(text.strip())
    labels = domain.split(".")
    if len(domain) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise BadName(f"{text!r} is not a domain")
    return domain


def new_address(text: str) -> str:
    """An address of ours to be added, canonical, without `+`: what follows one is a detail. Raises BadName."""
    address = canonical(any_address(text))
    if "+" in address:
        raise BadName(f"{text!r} has a +: mail for alice+anything@ reaches alice@ as it is")
    return address


def any_address(text: str) -> str:
    """An address here or elsewhere: the domain canonical, the case of the local part kept. Raises BadName."""
    local, _, domain = text.strip().rpartition("@")
    # RFC 5321, 4.5.3.1.1: 64 octets of local part.
    if not _ATOM.fullmatch(local) or len(local.encode()) > 64:
        raise BadName(f"{text!r} is not an address")
    return f"{local}@{new_domain(domain)}"


def split_detail(address: str) -> tuple[str, str]:
    """An address without its detail, and the detail: `alice+x@a.test` is `alice@a.test` and `x` (RFC 5233, 1)."""
    local, at, domain = address.rpartition("@")
    user, plus, detail = local.partition("+")
    return (f"{user}{at}{domain}", detail) if plus and user else (address, "")


def _unquoted(local: str) -> str:
    content = re.sub(r"\\(.)", r"\1", local[1:-1])
    return content if local.endswith('"') and _ATOM.fullmatch(content) else local
