# SPDX-License-Identifier: GPL-3.0-or-later
"""How sessions with the servers of other domains fared, counted by day until they are reported (RFC 8460, 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from protocols.tlsrpt.model import Applied


@dataclass(frozen=True, slots=True)
class Seen:
    """What sessions that are counted together have in common. `day` is counted from the epoch, in UTC; `domain` is the
    one that mail was for. The texts are "" when they succeeded."""

    day: int
    domain: str
    policy: Applied
    result: str = ""
    host: str = ""
    sending: str = ""
    receiving: str = ""
    reason: str = ""


class TlsSessions(Protocol):
    """Durable, and shared by all processes of a data directory."""

    async def add(self, counts: Mapping[Seen, int]) -> None:
        """Count so many sessions more."""

    async def due(self, day: int) -> Sequence[tuple[int, str]]:
        """Days before `day`, each with a domain of which something was counted."""

    async def of(self, day: int, domain: str, most: int) -> Sequence[tuple[Seen, int]]:
        """What was counted, the largest counts first, at most so many."""

    async def forget(self, day: int, domain: str) -> None:
        """It is reported, or nobody wants to know."""

    async def close(self) -> None:
        """Finish what was begun."""
