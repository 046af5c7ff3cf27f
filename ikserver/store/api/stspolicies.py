# SPDX-License-Identifier: GPL-3.0-or-later
"""MTA-STS policies of other domains, kept until they are too old (RFC 8461, 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """The policy file `text` that a domain had under an `id`. It counts `until` then; `used` is the last day on which
    mail went there. Times are in seconds since the epoch."""

    domain: str
    id: str
    text: bytes
    fetched: int
    until: int
    used: int


class StsPolicies(Protocol):
    """Durable, and shared by all processes of a data directory."""

    async def find(self, domain: str) -> KeptPolicy | None:
        """Also one that is too old."""

    async def keep(self, policy: KeptPolicy) -> None:
        """In the place of the one before."""

    async def note_use(self, domain: str, now: int) -> None:
        """Mail goes there."""

    async def stale(self, fetched_before: int, used_since: int) -> Sequence[KeptPolicy]:
        """Those that were fetched so long ago and are still of use, the oldest first."""

    async def forget(self, now: int) -> None:
        """Those that are too old."""

    async def close(self) -> None:
        """Finish what was begun."""
