# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking into the log: nobody sees more than it promises to keep, and that somebody looked is kept as well."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from ikserver.activity.retention import Retention
from ikserver.activity.table import shown_time
from ikserver.model.activity import Event, Look, Page, Place, Wanted
from ikserver.store.api.activity import Activity


class Reading:
    """The log as `who` reads it: a person, or the operator."""

    def __init__(
        self, activity: Activity, retention: Retention, who: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._activity = activity
        self._retention = retention
        self._who = who
        self._clock = clock

    async def search(self, wanted: Wanted, limit: int = 100, below: Place | None = None) -> Page:
        """One page; see Activity.search. The first page of a search is a look, the next ones belong to it."""
        if below is None:
            await self._note(_described(wanted))
        domain = _domain(wanted)
        if domain is not None:
            oldest = await self._retention.oldest(domain, self._now())
            wanted = replace(wanted, since=max(oldest, wanted.since or oldest))
        return await self._activity.search(wanted, limit, below)

    async def trail(self, message: str) -> Sequence[Event]:
        """See Activity.trail."""
        await self._note(f"the trail of {message}")
        return await self._activity.trail(message)

    async def _note(self, what: str) -> None:
        await self._activity.note_look(Look(self._now(), self._who, what))

    def _now(self) -> int:
        return int(self._clock() * 1000)


def _domain(wanted: Wanted) -> str | None:
    """One of the organisation whose logs are read: it says how far back they go."""
    if wanted.address is not None:
        return wanted.address.rpartition("@")[2]
    return wanted.domains[0] if wanted.domains else None


def _described(wanted: Wanted) -> str:
    """What was asked for, on one line."""
    asked = {
        "direction": wanted.direction and wanted.direction.value,
        "status": wanted.status and wanted.status.value,
        "with": wanted.correspondent,
        "message": wanted.message_id,
        "from": wanted.since and shown_time(wanted.since),
        "to": wanted.until and shown_time(wanted.until),
    }
    everyone = f"the logs of {', '.join(wanted.domains)}" if wanted.domains else "all logs"
    whose = f"the log of {wanted.address}" if wanted.address else everyone
    return ", ".join([whose, *(f"{name} {value}" for name, value in asked.items() if value)])
