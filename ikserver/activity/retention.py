# SPDX-License-Identifier: GPL-3.0-or-later
"""How far back the log goes: so many days, by default or by organisation (LOG-01)."""

from __future__ import annotations

import asyncio

from ikserver.store.api.activity import Activity
from ikserver.store.api.directory import Directory

DAY = 86_400_000
LOOKS_DAYS = 366
"""Who looked into the log is known for longer than what was seen there."""


class Retention:
    """`days` is what organisations have that say nothing else. Times are milliseconds since the epoch."""

    def __init__(self, activity: Activity, directory: Directory, days: int) -> None:
        self._activity = activity
        self._directory = directory
        self._days = days

    async def oldest(self, domain: str, now: int) -> int:
        """How far back the log of a domain goes."""
        found = await self._directory.domains.lookup(domain)
        organisations = await self._directory.organisations.list() if found else []
        own = [each.retention_days for each in organisations if found and each.id == found.organisation]
        days = own[0] if own and own[0] is not None else self._days
        return now - days * DAY

    async def purge(self, now: int) -> None:
        """Remove what is too old, some at a time."""
        for domain in await self._activity.domains():
            oldest = await self.oldest(domain, now)
            while await self._activity.purge(domain, oldest):
                await asyncio.sleep(0)
        await self._activity.purge_looks(now - LOOKS_DAYS * DAY)
