# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries events into the activity log: those that wait in the accounts' databases, and those that are noted here.

What is delivered is logged in the transaction of its delivery, so nothing is lost when a process dies: the next one
carries it on, and what is carried twice is logged once. What is refused changes nothing that is kept; it is noted in
memory, so that a refusal costs no more than before, and a crash may lose the last half second of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from ikserver.model.activity import Event
from ikserver.model.ids import AccountId
from ikserver.store.api.activity import Activity
from ikserver.store.api.errors import NoRoom
from ikserver.store.api.mail import MailStore

logger = logging.getLogger("ikserver.activity")

CARRY_SECONDS = 0.5
MAX_NOTED = 10_000
"""Beyond this many in half a second somebody attacks: further refusals are counted and not kept."""


class Journal:
    """One a process."""

    def __init__(self, mail: MailStore, activity: Activity) -> None:
        self._mail = mail
        self._activity = activity
        self._noted: list[Event] = []
        self._passed_over = 0

    def note(self, events: Sequence[Event]) -> None:
        """Log what no transaction tells of."""
        room = MAX_NOTED - len(self._noted)
        self._noted += events[:room]
        self._passed_over += len(events[room:])

    async def run(self) -> None:
        """Carry on what comes, until it is cancelled; then what came last."""
        try:
            while True:
                await asyncio.sleep(CARRY_SECONDS)
                await self.carry()
        finally:
            await self.carry()

    async def carry(self) -> None:
        """Everything that came through this process. What fails is logged; events that wait in accounts stay there."""
        try:
            noted, self._noted = self._noted, []
            if noted:
                await self._activity.record(noted)
            if self._passed_over:
                logger.warning("events-passed-over", extra={"fields": {"events": self._passed_over}})
                self._passed_over = 0
        except NoRoom:
            # What was noted waits for room, as what is in accounts does; the log file has it meanwhile.
            self._noted = [*noted, *self._noted][:MAX_NOTED]
        except Exception:
            logger.exception("events-lost", extra={"fields": {"events": len(noted)}})
        await self.carry_from(self._mail.take_eventful())

    async def carry_from(self, accounts: Sequence[AccountId]) -> None:
        """What waits in these accounts, whoever left it there."""
        for account in accounts:
            try:
                await self._carry_from(account)
            except Exception:
                logger.exception("carrying-failed", extra={"fields": {"account": account}})

    async def _carry_from(self, account: AccountId) -> None:
        mail = await self._mail.mail(account)
        events, last = await mail.waiting_events()
        while events:
            await self._activity.record(events)
            await mail.forget_events(last)
            events, last = await mail.waiting_events()
