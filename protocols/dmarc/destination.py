# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the reports go that a domain wants: the URIs of rua= (RFC 7489, 6.2 and 7.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from protocols.dmarc.record import reporting

_MAILTO = re.compile(r"mailto:([^?!]+)(?:\?[^!]*)?(?:!([0-9]{1,15})([kmgt]?))?", re.IGNORECASE)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


@dataclass(frozen=True, slots=True)
class Destination:
    """`limit` is the largest mail that is wanted there, in octets; 0 for any size."""

    address: str
    limit: int = 0

    @property
    def host(self) -> str:
        """In lower case."""
        return self.address.rpartition("@")[2].lower()


def destinations(uris: Iterable[str]) -> list[Destination]:
    """Those that are addresses of mail, each once; others are passed over (RFC 7489, 7.2.1.2)."""
    found: dict[str, Destination] = {}
    for uri in uris:
        matched = _MAILTO.fullmatch(uri.strip())
        if matched and _ADDRESS.fullmatch(address := unquote(matched[1])):
            limit = int(matched[2] or 0) * _UNITS[matched[3].lower() if matched[3] else ""]
            found.setdefault(address.lower(), Destination(address, limit))
    return list(found.values())


def asking_name(domain: str, host: str) -> str:
    """Where `host` says in DNS that it takes reports on `domain` (RFC 7489, 7.1)."""
    return f"{domain}._report._dmarc.{host}"


def authorised(wanted: Destination, texts: Iterable[bytes]) -> list[Destination]:
    """Where to send instead, given what stands at `asking_name`: to `wanted`, or elsewhere on the same host.

    Empty when the host has not said that it takes them, or points to another one (RFC 7489, 7.1).
    """
    answers = [uris for text in texts if (uris := reporting(text)) is not None]
    if not answers:
        return []
    instead = destinations(uri for uris in answers for uri in uris)
    if not instead:
        return [wanted]
    return instead if all(one.host == wanted.host for one in instead) else []
