# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server does now and then: remove what nobody needs any more, and look for what it was not told."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

from ikserver.activity.journal import Journal
from ikserver.activity.retention import Retention
from ikserver.app.lock import alone
from ikserver.app.stores import Stores
from ikserver.delivery.scripts.carrying import Carrier
from ikserver.spam.purge import Purge

PERIOD_SECONDS = 300.0
LOOK_SECONDS = 1.0
FORGOTTEN_SECONDS = 86_400.0
"""A file in the spool that is so old was left behind by a crash: no upload takes so long."""
logger = logging.getLogger("ikserver.app")


async def keep_house(
    data: Path, stores: Stores, journal: Journal, retention: Retention, spam: Purge, carrier: Carrier
) -> None:
    """Never returns. Of several processes one does the work, until it ends and another takes over."""
    await alone(data, "housekeeping", lambda: _sweep_for_ever(stores, journal, retention, spam, carrier))


async def watch(stores: Stores) -> None:
    """Never returns. Every process looks for itself what no hint has told it."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await stores.mail.look()
        except Exception:
            logger.exception("look-failed")


async def _sweep_for_ever(
    stores: Stores, journal: Journal, retention: Retention, spam: Purge, carrier: Carrier
) -> None:
    while True:
        try:
            await asyncio.get_running_loop().run_in_executor(stores.threads, sweep_spool, stores.spool, time.time())
            # First of all what a process left in the accounts that died.
            accounts = await stores.mail.accounts()
            await journal.carry_from(accounts)
            await carrier.carry_from(accounts)
            await spam.purge()
            await stores.mail.sweep()
            await retention.purge(int(time.time() * 1000))
        except Exception:
            logger.exception("sweep-failed")
        await asyncio.sleep(PERIOD_SECONDS)


def sweep_spool(spool: Path, now: float) -> None:
    """Remove what a crash left in the spool."""
    for path in spool.iterdir():
        if path.stat().st_mtime < now - FORGOTTEN_SECONDS:
            path.unlink(missing_ok=True)
