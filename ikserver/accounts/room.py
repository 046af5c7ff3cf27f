# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a mailbox has room for a message, asked at RCPT: before the client sends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum

from ikserver.model.ids import AccountId
from ikserver.model.mail import Usage
from ikserver.store.api.mail import MailStore

FRESH_SECONDS = 1.0
MAX_KNOWN = 10_000


class Room(Enum):
    ENOUGH = "enough"
    FULL = "full"
    NEVER = "never"
    """The message alone is larger than the quota."""


class QuotaCheck:
    """Asks the mail store once a second for each account: the store has the last word when it files the message."""

    def __init__(self, mail: MailStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._mail = mail
        self._clock = clock
        self._known: dict[AccountId, tuple[float, Usage]] = {}

    async def room(self, account: AccountId, size: int) -> Room:
        """Whether `size` octets more fit; 0 when the client did not tell (RFC 1870, 5)."""
        usage = await self._usage(account)
        if usage.bytes_limit is not None:
            if size > usage.bytes_limit:
                return Room.NEVER
            if usage.bytes + max(size, 1) > usage.bytes_limit:
                return Room.FULL
        if usage.messages_limit is not None and usage.messages >= usage.messages_limit:
            return Room.FULL
        return Room.ENOUGH

    async def _usage(self, account: AccountId) -> Usage:
        now = self._clock()
        known = self._known.get(account)
        if known is not None and known[0] > now:
            return known[1]
        usage = await (await self._mail.mail(account)).usage()
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[account] = (now + FRESH_SECONDS, usage)
        return usage
