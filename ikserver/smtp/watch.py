# SPDX-License-Identifier: GPL-3.0-or-later
"""The time a client may take. One timer a session, armed again only when it fires, so that a command costs nothing."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from protocols.smtp.replies import IDLE, TOO_LONG_A_SESSION, Reply


class Watch:
    """Calls `expired` when the client lets us wait for `idle` seconds, or sends commands after `total` seconds.

    A command must come whole in `idle` seconds; a body only has to move on in that time, however long it takes in
    all (RFC 5321, 4.5.3.2). Our own work is on nobody's time.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, idle: float, total: float, expired: Callable[[Reply], None]
    ) -> None:
        self._loop = loop
        self._idle = idle
        self._end = loop.time() + total
        self._deadline = math.inf
        self._expired = expired
        self._timer = loop.call_later(min(idle, total), self._look)

    def awaits_command(self) -> None:
        self._deadline = min(self._loop.time() + self._idle, self._end)

    def awaits_body(self) -> None:
        self._deadline = self._loop.time() + self._idle

    def works(self) -> None:
        """Nothing is expected of the client."""
        self._deadline = math.inf

    def stop(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        if now < self._deadline:
            ends = (at for at in (self._deadline, self._end, now + self._idle) if at > now)
            self._timer = self._loop.call_at(min(ends), self._look)
        else:
            self._expired(IDLE if now < self._end else TOO_LONG_A_SESSION)
