# SPDX-License-Identifier: GPL-3.0-or-later
"""The field that tells what we found (RFC 8601, 2.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PROPERTY = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~@/:\[\]]+")
_UNFIT = re.compile(r"[^!#-\[\]-~ ]")
MAX_VALUE = 300
"""Octets of one value: a line stays below the 998 of RFC 5322, 2.1.1."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One method and its result; `properties` such as ("header.from", "example.org"); those with "" are left out."""

    method: str
    result: str
    properties: Sequence[tuple[str, str]] = ()
    reason: str = ""


def field(server: str, findings: Sequence[Finding]) -> bytes:
    """The whole field, CRLF included, one finding a line. `server` is our authserv-id."""
    told = ";\r\n\t".join(map(_finding, findings)) or "none"
    return f"Authentication-Results: {server};\r\n\t{told}\r\n".encode("ascii", "replace")


def _finding(finding: Finding) -> str:
    parts = [f"{finding.method}={finding.result}"]
    if finding.reason:
        parts.append(f"reason={_quoted(finding.reason)}")
    parts += [f"{name}={_value(value)}" for name, value in finding.properties if value]
    return " ".join(parts)


def _value(value: str) -> str:
    """RFC 8601, 2.2: a token, an address or domain, or a quoted string."""
    return value if _PROPERTY.fullmatch(value) and len(value) <= MAX_VALUE else _quoted(value)


def _quoted(text: str) -> str:
    return f'"{_UNFIT.sub("?", text[:MAX_VALUE])}"'
