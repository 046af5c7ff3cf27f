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
from ikserver.store.api.errors import StoreError
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
            decided = await self._decided(letter, ran)
            if await mail.decisions.carry_out(decided):
                break
        else:
            raise RuntimeError("other deliveries come in between, again and again")
        if decided.posts:
            await self.carrier.carry_from([letter.to.account])
        if ran.failures:
            await self._tell_of_failures(letter, ran, mail)
        refusal = ran.collecting.refusal
        if refusal is not None:
            raise ScriptRefused(refusal.reason, ran.rule(refusal.action))

    async def _run(self, letter: Letter, chain: Chain, mail: Mail) -> Run:
        stage = await self.staging.set(letter, mail)
        return await asyncio.get_running_loop().run_in_executor(self.threads, run, chain, self.compiler, stage)

    async def _decided(self, letter: Letter, ran: Run) -> Decided:
        deciding = Deciding(letter, ran, self.threads, self.onward)
        # Who refuses a message tells the log of the reply.
        events = () if ran.collecting.refusal else deciding.events()
        return Decided(await deciding.placed(), await deciding.posts(), ran.marks, events)

    async def _tell_of_failures(self, letter: Letter, ran: Run, mail: Mail) -> None:
        """The operator by the log, the owner by a letter a day. Nothing that goes wrong here is worth a delivery."""
        id, account = letter.incoming.message.id, letter.to.account
        for failure in ran.failures:
            fields = {"id": id, "account": account, "problem": failure.text}
            logger.warning("script-failed", extra={"fields": fields})
        if not ran.problems or await mail.decisions.remembered(_NOTICE) is not None:
            return
        now = int(self.staging.clock())
        octets = notice(letter.to.address, id, ran.problems, now)
        placed = Placed(INBOX, NewMessage(octets, scan(octets), internal_date=now))
        try:
            await mail.decisions.carry_out(Decided([placed], marks=[Mark(_NOTICE, now + DAY)]))
        except StoreError as error:
            logger.warning("owner-not-told", extra={"fields": {"account": account, "reason": str(error)}})
