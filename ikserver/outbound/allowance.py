# SPDX-License-Identifier: GPL-3.0-or-later
"""To how many recipients an address and its organisation may write in 24 hours (LIM-01)."""

from __future__ import annotations

import time
from collections.abc import Callable

from ikserver.model.ids import AccountId
from ikserver.store.api.directory import Organisations
from ikserver.store.api.sendings import Limits, Sendings


class OverLimit(Exception):
    """`limit` recipients are reached; the text says of what."""

    def __init__(self, limit: int, whose: str) -> None:
        super().__init__(f"The limit of {limit} recipients in 24 hours is reached for your {whose}; try again later")


class Allowance:
    """Each recipient counts one, wherever it is; what was sent 24 hours ago counts no more."""

    def __init__(
        self, sendings: Sendings, organisations: Organisations, limits: Limits, clock: Callable[[], float] = time.time
    ) -> None:
        self._sendings = sendings
        self._organisations = organisations
        self._limits = limits
        self._clock = clock

    async def check(self, account: AccountId, recipients: int) -> None:
        """Whether a message to so many may be sent now. Raises OverLimit."""
        limits = self._limits
        since = int(self._clock()) - limits.seconds
        if limits.account and await self._sendings.of_account(account, since) + recipients > limits.account:
            raise OverLimit(limits.account, "address")
        if not limits.organisation:
            return
        organisation = (await self._organisations.of_account(account)).id
        if await self._sendings.of_organisation(organisation, since) + recipients > limits.organisation:
            raise OverLimit(limits.organisation, "organisation")

    async def take(self, account: AccountId, recipients: int) -> None:
        """Count them; several messages at once cannot pass the limit together. Raises OverLimit."""
        if not self._limits.account and not self._limits.organisation:
            return
        organisation = (await self._organisations.of_account(account)).id
        now = int(self._clock())
        while not await self._sendings.take(account, organisation, recipients, now, self._limits):
            await self.check(account, recipients)
