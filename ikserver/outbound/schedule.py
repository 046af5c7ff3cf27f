# SPDX-License-Identifier: GPL-3.0-or-later
"""When to try again, when to say that it takes longer, and when to give up."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """Seconds. The waits double from `first` to `longest`, each up to a fifth longer or shorter, so that mail which
    failed together is not tried together (RFC 5321, 4.5.4.1)."""

    first: float = 60.0
    longest: float = 21_600.0
    lifetime: float = 432_000.0
    delay_notice: float = 14_400.0
    chance: Callable[[], float] = random.random

    def next_attempt(self, attempts: int, queued: float, now: float) -> int | None:
        """After `attempts` vain ones, this one included; None: the time is over."""
        if now - queued >= self.lifetime:
            return None
        wait = min(self.first * 2 ** min(attempts - 1, 30), self.longest) * (0.8 + 0.4 * self.chance())
        # The last attempt is when the time is over, not before.
        return int(min(now + wait, max(queued + self.lifetime, now + self.first)))

    def is_late(self, queued: float, now: float) -> bool:
        """Whether the sender should be told by now."""
        return now - queued >= self.delay_notice
