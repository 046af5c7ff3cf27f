# SPDX-License-Identifier: GPL-3.0-or-later
"""Teaches the filter stored messages: the statistics of their address and organisation, and the engine.

The statistics are kept whichever engine is in use, so that changing it loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from ikserver.model.ids import BodyId
from ikserver.model.mail import SEEN
from ikserver.model.spam import Household, Lesson
from ikserver.spam.api import Examined, Filter, FilterDown
from ikserver.spam.tokens import numbers, tokens
from ikserver.store.api.mail import Mail, MailStore
from ikserver.store.api.spam import SpamStore
from protocols.message import scan

EXAMINED = 512 * 1024
"""Octets of a message that are read."""
AT_ONCE = 16
KEPT = 25
"""Messages that were read and stayed in the inbox, to learn from beside as many reports."""
logger = logging.getLogger("ikserver.spam")


@dataclass(frozen=True, slots=True)
class Learning:
    """A message is learned once, however often it is moved or reported."""

    store: SpamStore
    mail: MailStore
    engine: Filter

    async def learn(self, household: Household, bodies: Sequence[BodyId], spam: bool | None) -> list[bool | None]:
        """As spam, as none, or (None) forget them; how each was learned before."""
        before: list[bool | None] = []
        for start in range(0, len(bodies), AT_ONCE):
            before += await self._learn_some(household, bodies[start : start + AT_ONCE], spam)
        if spam:
            await self._learn_kept(household)
        return before

    async def _learn_some(self, household: Household, bodies: Sequence[BodyId], spam: bool | None) -> list[bool | None]:
        mail = await self.mail.mail(household.account)
        messages = [await _examined(mail, household, body) for body in bodies]
        lessons = [
            Lesson(body, frozenset(numbers(tokens(message.octets, message.scan))), spam)
            for body, message in zip(bodies, messages, strict=True)
        ]
        before = await self.store.learn(household, lessons)
        for message, known in zip(messages, before, strict=True):
            if known != spam:
                await self._teach(message, spam)
        fields = {"account": household.account, "messages": len(bodies), "spam": spam}
        logger.info("learned", extra={"fields": fields})
        return list(before)

    async def _teach(self, message: Examined, spam: bool | None) -> None:
        try:
            await self.engine.teach(message, spam)
        except FilterDown as error:
            logger.warning("not-taught", extra={"fields": {"reason": str(error)}})

    async def _learn_kept(self, household: Household) -> None:
        """Nobody reports good mail: what was read and stayed in the inbox stands for it, until there is as much of it
        as of spam."""
        profile = await self.store.profile(household)
        if profile.ham >= profile.spam:
            return
        mail = await self.mail.mail(household.account)
        opened = await mail.open("INBOX")
        rows = zip(opened.columns.bodies, opened.columns.flagsets, strict=True)
        seen = [BodyId(body) for body, flagset in rows if SEEN in opened.flags(flagset)]
        opened.close()
        newest = seen[-KEPT:]
        known = await self.store.learned(household.account, newest)
        fresh = [body for body in dict.fromkeys(newest) if body not in known]
        for start in range(0, len(fresh), AT_ONCE):
            await self._learn_some(household, fresh[start : start + AT_ONCE], False)


async def _examined(mail: Mail, household: Household, body: BodyId) -> Examined:
    stored = await mail.body(body)
    octets = await mail.read(body, 0, EXAMINED) if stored is not None else b""
    # Other tasks get a turn between two messages.
    await asyncio.sleep(0)
    return Examined(household, octets, scan(octets), whole=stored is not None and stored.size == len(octets))
