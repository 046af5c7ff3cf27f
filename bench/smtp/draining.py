# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a queue gets empty, measured alike for all servers."""

from __future__ import annotations

import time
from collections.abc import Callable

POLL_SECONDS = 0.02
LONGEST_SECONDS = 300.0


def drain(waiting: Callable[[], int]) -> float:
    """Return messages a second, from when the first has left until none is `waiting`. Raises TimeoutError."""
    full = first = waiting()
    deadline = time.monotonic() + LONGEST_SECONDS
    while full and first == full:
        _pause(deadline)
        first = waiting()
    start = time.perf_counter()
    while waiting():
        _pause(deadline)
    return first / (time.perf_counter() - start)


def _pause(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise TimeoutError("the queue does not get empty")
    time.sleep(POLL_SECONDS)
