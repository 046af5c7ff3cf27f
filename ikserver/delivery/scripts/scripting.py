# SPDX-License-Identifier: GPL-3.0-or-later
"""A message is delivered as scripts decide: they run, and what they want is done in one transaction of the account."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Executor
from dataclasses import dataclass
from hashlib import sha256

from ikserver.delivery.scripts.carrying import Carrier
from ikserver.delivery.scripts.collecting import INBOX
from ikserver.delivery.scripts.deciding import Deciding, Onward
from ikserver.delivery.scripts.letter import Letter
from ikserver.delivery.scripts.library import Chain, Compiler, Library
from ikserver.delivery.scripts.notice import notice
from ikserver.delivery.scripts.running import Run, run
from ikserver.delivery.scripts.staging import Staging
from ikserver.model.mail import NewMessage
from ikserver.model.scripts import Decided, Mark, Placed
from ikserver.store.api.mail import Mail
from protocols.message import scan

logger = logging.getLogger("ikserver.delivery")

DAY = 86_400
ATTEMPTS = 5
"""So often may another delivery to the same account, at the same time, remember what this one wants to."""
_NOTICE = sha256(b"notice").digest()


class ScriptRefused(Exception):
    """A script refuses the message, and whoever brought it still listens; `rule` is what it is called."""

    def __init__(self, reason: str, rule: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Scripting:
    """Scripts run in `threads`: however long one takes, nobody else waits for it."""

    library: Library
    compiler: Compiler
    staging: Staging
    carrier: Carrier
    onward: Onward
    threads: Executor

    async def deliver(self, letter: Letter, chain: Chain, mail: Mail) -> None:
        """Durable on return. Raises ScriptRefused, and what the store raises."""
        for _ in range(ATTEMPTS):
            ran = await self._run(letter, chain, mail)
            decided = await self._decided(letter, ran, mail)
            if await mail.decisions.carry_out(decided):
                break
        else:
            raise RuntimeError("other deliveries come in between, again and again")
        if decided.posts:
            await self.carrier.carry_from([letter.to.account])
        refusal = ran.collecting.refusal
        if refusal is not None:
            raise ScriptRefused(refusal.reason, ran.rule(refusal.action))

    async def _run(self, letter: Letter, chain: Chain, mail: Mail) -> Run:
        stage = await self.staging.set(letter, mail)
        return await asyncio.get_running_loop().run_in_executor(self.threads, run, chain, self.compiler, stage)

    async def _decided(self, letter: Letter, ran: Run, mail: Mail) -> Decided:
        deciding = Deciding(letter, ran, self.threads, self.onward)
        placed, marks = await deciding.placed(), list(ran.marks)
        if await self._is_news(letter, ran, mail):
            placed.append(self._notice(letter, ran))
            marks.append(Mark(_NOTICE, int(self.staging.clock()) + DAY))
        # Who refuses a message tells the log of the reply.
        events = () if ran.collecting.refusal else deciding.events()
        return Decided(placed, await deciding.posts(), marks, events)

    async def _is_news(self, letter: Letter, ran: Run, mail: Mail) -> bool:
        """Whether the owner is told of what failed. Scripts of the organisation are the operator's."""
        for failure in ran.failures:
            fields = {"id": letter.incoming.message.id, "account": letter.to.account, "problem": failure.text}
            logger.warning("script-failed", extra={"fields": fields})
        return bool(ran.problems) and await mail.decisions.remembered(_NOTICE) is None

    def _notice(self, letter: Letter, ran: Run) -> Placed:
        now = self.staging.clock()
        octets = notice(letter.to.address, letter.incoming.message.id, ran.problems, now)
        return Placed(INBOX, NewMessage(octets, scan(octets), internal_date=int(now)))
