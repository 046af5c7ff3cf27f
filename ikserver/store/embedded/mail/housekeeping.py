# SPDX-License-Identifier: GPL-3.0-or-later
"""The background work of one account, in small transactions: packing texts, sweeping."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from ikserver.store.embedded.mail import rescanning, sweeping
from ikserver.store.embedded.mail.bodies import BlobFiles
from ikserver.store.embedded.mail.connections import AccountDatabase
from ikserver.store.embedded.mail.packing import MAX_BODIES, Overtaken, Placing, pack_recent, without

logger = logging.getLogger("ikserver.store")


class Housekeeping:
    """Safe in several processes at once: each step looks at what there is, and a step that was done already does
    nothing."""

    def __init__(self, database: AccountDatabase, files: BlobFiles) -> None:
        self._database = database
        self._files = files
        self._packing: asyncio.Task[None] | None = None
        # Another process, or an earlier one, may have left texts: the first message makes us look.
        self._arrived = MAX_BODIES

    def arrived(self, messages: int, owner: object) -> None:
        """New messages: when they may fill a page of texts, start to pack it. `owner`, which whoever closes the
        account looks for, stays alive meanwhile."""
        self._arrived += messages
        if self._arrived >= MAX_BODIES and self._packing is None:
            self._arrived = 0
            self._packing = asyncio.get_running_loop().create_task(self._pack(owner))

    async def sweep(self) -> bool:
        """Erase what was let go long enough ago, pack texts, trim tombstones, discard files without rows. Returns
        whether bodies were erased."""
        now = self._database.clock()
        bodies = await self._database.read_aside(lambda db: sweeping.expired(db, now))
        if bodies:
            gone = frozenset(bodies)
            await self._place_all(lambda db: without(db, gone))
            for start in range(0, len(bodies), sweeping.BODIES_AT_ONCE):
                await self._erase(bodies[start : start + sweeping.BODIES_AT_ONCE].tolist())
            await self._database.write(lambda db: sweeping.forget_dropped(db, now), long=True)
        await self._rescan_if_stale()
        await self._place_all(pack_recent)
        if await self._database.read_aside(sweeping.crowded):
            await self._database.write(sweeping.trim_tombstones, long=True)
        orphans = await self._database.read_aside(lambda db: sweeping.orphans(db, self._files, now))
        await self._discard(orphans)
        return bool(bodies)

    async def finish(self) -> None:
        """Wait for what runs."""
        if self._packing is not None:
            await asyncio.wait({self._packing})

    async def _pack(self, owner: object) -> None:
        try:
            await self._place_all(pack_recent)
        except sqlite3.Error:
            # Texts that stay unpacked are found all the same; the next round packs them.
            logger.exception("packing failed")
        finally:
            self._packing = None

    async def _rescan_if_stale(self) -> None:
        if not await self._database.read_aside(rescanning.is_stale):
            return
        firsts = await self._database.read_aside(rescanning.pages)
        recent = await self._database.read_aside(lambda db: rescanning.rescan_recent(db, self._files))
        await self._database.write(recent, long=True)
        for first in firsts:
            await self._place_all(partial(rescanning.rescan_page, files=self._files, first=first))
            await self._place_all(pack_recent)
        await self._database.write(rescanning.finish)

    async def _place_all(self, next_job: Callable[[sqlite3.Connection], Placing | None]) -> None:
        while (job := await self._database.read_aside(next_job)) is not None:
            # When another process was faster, the next look sees what it left to do.
            with suppress(Overtaken):
                await self._database.write(job, long=True)

    async def _erase(self, bodies: list[int]) -> None:
        await self._discard(await self._database.write(lambda db: sweeping.erase(db, bodies), long=True))

    async def _discard(self, names: list[str]) -> None:
        if names:
            await self._database.in_thread(lambda: self._files.discard(names))
