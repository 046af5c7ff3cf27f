# SPDX-License-Identifier: GPL-3.0-or-later
"""What we promise: how far ahead of the peer each figure must be, or which number it must stay under or reach."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Bar:
    """`warm` and `cold`: ours is so many times as fast as the peer's. `below`: ours is under this number; `above`: it
    is at least this."""

    warm: float | None = None
    cold: float | None = None
    below: float | None = None
    above: float | None = None

    def met(self, ours: float, ahead: float | None) -> bool | None:
        """Of a figure and how far it is ahead of the peer's; None when nothing is promised or there is no peer."""
        if self.below is not None:
            return ours < self.below
        if self.above is not None:
            return ours >= self.above
        return None if self.warm is None or ahead is None else ahead >= self.warm

    def __str__(self) -> str:
        """Of all but `cold`, as tables show it."""
        if self.below is not None:
            return f"<{self.below:g}"
        if self.above is not None:
            return f"≥{self.above:g}"
        return "" if self.warm is None else f"{self.warm:.2f}"


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
    "idle_after_append_ok": Bar(below=10),
    "idle_connections": Bar(below=16),
    "idle_connections_tls": Bar(below=64),
    "smtp_filtered_*": Bar(),
    "lmtp_*": Bar(warm=1),
    "smtp_*": Bar(warm=1),
    "big_message_memory": Bar(below=10_000),
    "big_message_stall": Bar(below=20),
    "outbound_*": Bar(above=300),
    "queue_first_sent": Bar(below=5),
    "queue_memory": Bar(below=100),
    "activity_*": Bar(below=50),
}


def bar(name: str) -> Bar:
    """Return the first bar whose pattern fits the figure's name; an empty one when nothing is promised."""
    return next((promise for pattern, promise in BARS.items() if fnmatchcase(name, pattern)), Bar())
