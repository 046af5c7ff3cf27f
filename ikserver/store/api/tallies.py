# SPDX-License-Identifier: GPL-3.0-or-later
"""What came in the name of domains that want DMARC reports, counted by day, and the reports that were sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from protocols.dmarc.feedback import Seen


@dataclass(frozen=True, slots=True)
class Tallied:
    """What messages that are counted together have in common. `day` is counted from the epoch, in UTC; `domain` is
    the one whose record wants a report."""

    day: int
    domain: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class DmarcReport:
    """One that was sent; or, with a `reason`, why it was not. `size` of the mail in octets, `sent` in seconds."""

    day: int
    domain: str
    messages: int
    recipients: tuple[str, ...]
    size: int
    sent: int
    reason: str = ""


class Tallies(Protocol):
    """Durable, and shared by all processes of a data directory."""

    async def add(self, counts: Mapping[Tallied, int]) -> None:
        """Count so many messages more."""

    async def due(self, day: int) -> Sequence[tuple[int, str]]:
        """Days before `day`, each with a domain of which something was counted."""

    async def of(self, day: int, domain: str, most: int) -> Sequence[tuple[Seen, int]]:
        """What was counted, the largest counts first, at most so many."""

    async def finish(self, report: DmarcReport) -> None:
        """Forget what was counted for this report, and keep the report for some months."""

    async def reports(self, day: int = 0) -> Sequence[DmarcReport]:
        """Those on `day` and later ones, the newest first."""

    async def close(self) -> None:
        """Finish what was begun."""
