# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has to come twice before mail that proves nothing of its origin is taken."""

from __future__ import annotations

from typing import Protocol


class Greylist(Protocol):
    """Durable, and shared by all processes of a data directory. Times are seconds since the epoch."""

    async def wait(self, network: str, sender: str, now: int) -> int:
        """How many seconds this pair has to wait yet; 0: it may pass, and whatever comes from `network` with it.

        A network is remembered for some weeks after it has last passed.
        """

    async def close(self) -> None:
        """Finish what was begun."""
