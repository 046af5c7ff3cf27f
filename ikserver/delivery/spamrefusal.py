# SPDX-License-Identifier: GPL-3.0-or-later
"""Spam for an address without a mailbox is refused while its sender still listens (RED-02).

It has no folder for spam, and sent on it would be ours; a report on it would go to whoever is forged in it.
"""

from __future__ import annotations

import logging
from concurrent.futures import Executor
from dataclasses import dataclass

from ikserver.accounts.names import canonical
from ikserver.delivery.bodies import Bodies
from ikserver.delivery.envelope import Arrived
from ikserver.delivery.filing import Incoming
from ikserver.delivery.removal import removed_on_failure
from ikserver.delivery.sifting import SpamFiling
from ikserver.model.spam import Verdict
from ikserver.spam.api import FilterDown
from ikserver.store.api.directory import Directory
from protocols.smtp.replies import FILTER_DOWN, SPAM_NOT_SENT_ON, Refused

logger = logging.getLogger("ikserver.delivery")


class SpamRefused(Refused):
    """With the verdict, for the log."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(SPAM_NOT_SENT_ON)
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class SpamRefusal:
    """Asks the filter that mailboxes have. An address whose filter is off gets its spam."""

    directory: Directory
    filing: SpamFiling
    threads: Executor

    async def admit(self, message: Arrived) -> None:
        """`message` has no other recipient than one that is screened. Raises Refused: the body's file is gone."""
        async with removed_on_failure(message.body, self.threads):
            account = await self.directory.accounts.find(message.recipients[0].screened)
            bodies = Bodies(message, self.threads)
            author = canonical(message.brief.author)
            incoming = Incoming(message, await bodies.examined(), await bodies.scan(), author)
            try:
                sifted = await self.filing.sift(incoming, await self.filing.households.of(account.id))
            except FilterDown as down:
                raise Refused(FILTER_DOWN) from down
            if sifted.on and sifted.verdict.spam:
                verdict = sifted.verdict
                fields = {"id": message.id, "score": verdict.score, "reasons": " ".join(verdict.reasons)}
                logger.info("spam-refused", extra={"fields": fields})
                raise SpamRefused(verdict)
