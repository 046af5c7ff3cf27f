# SPDX-License-Identifier: GPL-3.0-or-later
"""The DMARC record of a domain (RFC 7489, 6.3). What is wrong in it is read as if it were not there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

_VERSION = re.compile(rb"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")
_FAILURES = re.compile(r"[01ds](?::[01ds])*", re.IGNORECASE)
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[^,!; ]+", re.IGNORECASE)


class Policy(Enum):
    """RFC 7489, 6.3: what p=, sp= and np= say."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Record:
    """`subdomains` is sp=, or p= where that is not given. `percent`: to how many of a hundred messages it applies.

    `nonexistent` is np=: what applies to subdomains that are not there; None where it is not given.
    """

    policy: Policy
    subdomains: Policy
    strict_dkim: bool = False
    strict_spf: bool = False
    percent: int = 100
    aggregate: tuple[str, ...] = ()
    """The URIs of rua=, as they stand there."""
    nonexistent: Policy | None = None
    failures: str = "0"
    """fo=: of which failures it wants to hear one by one."""


def records(texts: Sequence[bytes]) -> list[bytes]:
    """The DMARC records among the TXT records of a name. Several are as good as a wrong one (RFC 7489, 6.6.3)."""
    return [text for text in texts if _VERSION.match(text)]


def sole_record(texts: Sequence[bytes]) -> bytes | None:
    """The one record among the TXT records of a name; None without one or with several."""
    found = records(texts)
    return found[0] if len(found) == 1 else None


def parse_record(text: bytes) -> Record | None:
    """None when it says nothing that could be applied."""
    if not _VERSION.match(text):
        return None
    tags = _tags(text)
    aggregate, failures = _uris(tags), tags.get("fo", "0")
    policy = _policy(tags.get("p"))
    subdomains = _policy(tags.get("sp", tags.get("p")))
    if policy is None or subdomains is None:
        # RFC 7489, 6.6.3: it is there to be told what happens, so act as if p=none.
        if not aggregate:
            return None
        policy = subdomains = Policy.NONE
    return Record(
        policy,
        subdomains,
        strict_dkim=tags.get("adkim", "r").lower() == "s",
        strict_spf=tags.get("aspf", "r").lower() == "s",
        percent=_percent(tags.get("pct", "")),
        aggregate=aggregate,
        nonexistent=_policy(tags.get("np")),
        failures=failures if _FAILURES.fullmatch(failures) else "0",
    )


def reporting(text: bytes) -> tuple[str, ...] | None:
    """The URIs of rua= of a record that needs no policy, for it says who takes reports on others (RFC 7489, 7.1).

    None when it is no DMARC record.
    """
    return _uris(_tags(text)) if _VERSION.match(text) else None


def _uris(tags: dict[str, str]) -> tuple[str, ...]:
    return tuple(uri.strip() for uri in tags.get("rua", "").split(",") if _URI.match(uri.strip()))


def _tags(text: bytes) -> dict[str, str]:
    """The first of each name counts."""
    found: dict[str, str] = {}
    for part in text.decode("ascii", "replace").split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _policy(value: str | None) -> Policy | None:
    try:
        return Policy((value or "").lower())
    except ValueError:
        return None


def _percent(value: str) -> int:
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= 3 and int(value) <= 100 else 100
