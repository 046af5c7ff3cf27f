# SPDX-License-Identifier: GPL-3.0-or-later
"""Spam is erased when it has been in its folder long enough (SPM-05)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from ikserver.model.mail import SpecialUse
from ikserver.store.api.mail import MailStore
from ikserver.store.api.spam import SpamStore

RECEIPTS_SECONDS = 30 * 86_400
logger = logging.getLogger("ikserver.spam")


@dataclass(frozen=True, slots=True)
class Purge:
    """`keep` is in seconds, 0 for ever; the time counts from a message's arrival in the folder."""

    mail: MailStore
    store: SpamStore
    keep: float
    clock: Callable[[], float] = time.time

    async def purge(self) -> None:
        """Of all accounts; also the receipts of reports that nobody will undo any more."""
        now = self.clock()
        await self.store.forget(int(now) - RECEIPTS_SECONDS)
        if not self.keep:
            return
        for account in await self.mail.accounts():
            mail = await self.mail.mail(account)
            for mailbox in await mail.mailboxes():
                if mailbox.special_use is SpecialUse.JUNK and mailbox.messages:
                    gone = await mail.erase_older(mailbox.id, now - self.keep)
                    if gone.uids:
                        fields = {"account": account, "messages": len(gone.uids)}
                        logger.info("spam-purged", extra={"fields": fields})
