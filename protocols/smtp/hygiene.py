# SPDX-License-Identifier: GPL-3.0-or-later
"""Octets that no message may have: CR and LF apart from each other, and NUL (RFC 5322, 2.3; RFC 5321, 2.3.8)."""

from __future__ import annotations

import re

_LINE_END = re.compile(rb"\r\n|\r|\n")


def is_clean(data: bytes) -> bool:
    """Whether every CR is followed by LF and every LF follows a CR, and there is no NUL.

    A chunk that was cut between CR and LF is not clean; `dots.Unstuffer` never cuts there.
    """
    lines = data.count(b"\n")
    return lines == data.count(b"\r") == data.count(b"\r\n") and b"\0" not in data


def normalise(data: bytes) -> bytes:
    """The same text with CRLF as its only line end and without NUL."""
    return data if is_clean(data) else _LINE_END.sub(b"\r\n", data.replace(b"\0", b""))
