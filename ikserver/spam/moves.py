# SPDX-License-Identifier: GPL-3.0-or-later
"""Who moves a message into the spam folder, or out of it, says what it is (SPM-10). The lists stay as they are."""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from ikserver.model.ids import AccountId, BodyId, Uid
from ikserver.model.mail import Mailbox, SpecialUse
from ikserver.spam.households import Households
from ikserver.spam.learning import Learning
from ikserver.store.api.mail import Mail

MOST_WAITING = 1_000
logger = logging.getLogger("ikserver.spam")


@dataclass(frozen=True, slots=True)
class _Move:
    account: AccountId
    target: str
    uids: Sequence[Uid]
    spam: bool


class Moves:
    """`moved` is called by whoever moves or copies messages and only notes it; `run` learns from it."""

    def __init__(self, households: Households, learning: Learning) -> None:
        self._households = households
        self._learning = learning
        self._waiting: asyncio.Queue[_Move] = asyncio.Queue(MOST_WAITING)

    def moved(self, account: AccountId, source: Mailbox, target: Mailbox, uids: Sequence[Uid]) -> None:
        """`uids` are the numbers in `target`."""
        spam = _lesson(source.special_use, target.special_use)
        if spam is None or not uids:
            return
        try:
            self._waiting.put_nowait(_Move(account, target.name, uids, spam))
        except asyncio.QueueFull:
            logger.warning("move-not-learned", extra={"fields": {"account": account, "messages": len(uids)}})

    async def run(self) -> None:
        """Never returns."""
        while True:
            move = await self._waiting.get()
            try:
                await self._learn(move)
            except Exception:
                logger.exception("move-not-learned", extra={"fields": {"account": move.account}})

    async def _learn(self, move: _Move) -> None:
        mail = await self._learning.mail.mail(move.account)
        bodies = await bodies_of(mail, move.target, move.uids)
        household = await self._households.of(move.account)
        await self._learning.learn(household, list(bodies.values()), move.spam)


async def bodies_of(mail: Mail, mailbox: str, uids: Sequence[Uid]) -> dict[Uid, BodyId]:
    """The bodies of those that are still there. Raises NoSuchMailbox."""
    opened = await mail.open(mailbox)
    known, bodies = opened.columns.uids, opened.columns.bodies
    found = {uid: bisect_left(known, uid) for uid in uids}
    opened.close()
    return {uid: BodyId(bodies[row]) for uid, row in found.items() if row < len(known) and known[row] == uid}


def _lesson(source: SpecialUse | None, target: SpecialUse | None) -> bool | None:
    if source is target:
        return None
    if target is SpecialUse.JUNK:
        return True
    return False if source is SpecialUse.JUNK and target is not SpecialUse.TRASH else None
