# SPDX-License-Identifier: GPL-3.0-or-later
"""What we promise: how far ahead of the peer each figure must be, or which number it must stay under."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Bar:
    """`warm` and `cold`: ours is so many times as fast as the peer's. `below`: ours is under this number."""

    warm: float | None = None
    cold: float | None = None
    below: float | None = None


BARS = {
    "select": Bar(warm=0.1),
    "fetch_flags": Bar(warm=1, cold=1),
    "fetch_*": Bar(warm=1, cold=2),
    "search_subject": Bar(warm=3),
    "search_text_rare": Bar(warm=3),
    "search_body": Bar(warm=3),
    "append_*": Bar(warm=1),
    "fill": Bar(warm=1),
    "store_all": Bar(warm=1),
    "copy": Bar(warm=1),
    "move": Bar(warm=1),
    "expunge": Bar(warm=1),
    "lmtp_*": Bar(warm=1),
    "smtp_*": Bar(warm=1),
    "idle_after_append_ok": Bar(below=10),
    "idle_connections": Bar(below=16),
    "idle_connections_tls": Bar(below=64),
    "big_message_memory": Bar(below=10_000),
    "big_message_stall": Bar(below=20),
}


def bar(name: str) -> Bar:
    """Return the first bar whose pattern fits the figure's name; an empty one when nothing is promised."""
    return next((promise for pattern, promise in BARS.items() if fnmatchcase(name, pattern)), Bar())
