# SPDX-License-Identifier: GPL-3.0-or-later
"""To how many recipients an address and its organisation may write in 24 hours (LIM-01)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ikserver.model.account import Organisation
from ikserver.model.ids import AccountId, OrganisationId
from ikserver.store.api.directory import Accounts, Organisations
from ikserver.store.api.sendings import Limits, Sendings


class OverLimit(Exception):
    """`limit` recipients are reached; the text says of what."""

    def __init__(self, limit: int, whose: str) -> None:
        super().__init__(f"The limit of {limit} recipients in 24 hours is reached for your {whose}; try again later")


@dataclass(frozen=True, slots=True)
class Gauge:
    """Recipients of the last 24 hours, and how many there may be; 0 is without limit."""

    used: int
    limit: int


class Allowance:
    """Each recipient counts one, wherever it is; what was sent 24 hours ago counts no more, nor what no limit is for.

    `usual` is for whom the directory has no limits of their own; it is asked each time, so they hold at once.
    """

    def __init__(
        self,
        sendings: Sendings,
        organisations: Organisations,
        accounts: Accounts,
        usual: Limits,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sendings = sendings
        self._organisations = organisations
        self._accounts = accounts
        self._usual = usual
        self._clock = clock

    async def check(self, account: AccountId, recipients: int) -> None:
        """Whether a message to so many may be sent now. Raises OverLimit."""
        organisation, limits = await self._limits(account)
        since = int(self._clock()) - limits.seconds
        if limits.account and await self._sendings.of_account(account, since) + recipients > limits.account:
            raise OverLimit(limits.account, "address")
        if not limits.organisation:
            return
        if await self._sendings.of_organisation(organisation, since) + recipients > limits.organisation:
            raise OverLimit(limits.organisation, "organisation")

    async def take(self, account: AccountId, recipients: int) -> None:
        """Count them; several messages at once cannot pass the limit together. Raises OverLimit."""
        organisation, limits = await self._limits(account)
        if not limits.account and not limits.organisation:
            return
        now = int(self._clock())
        while not await self._sendings.take(account, organisation, recipients, now, limits):
            await self.check(account, recipients)

    async def of_account(self, account: AccountId) -> Gauge:
        """What an address has used."""
        since = int(self._clock()) - self._usual.seconds
        _, limits = await self._limits(account)
        return Gauge(await self._sendings.of_account(account, since), limits.account)

    async def of_organisation(self, organisation: Organisation) -> Gauge:
        """What all its addresses have used together."""
        since = int(self._clock()) - self._usual.seconds
        limit = _first(organisation.daily_recipients, self._usual.organisation)
        return Gauge(await self._sendings.of_organisation(organisation.id, since), limit)

    async def _limits(self, account: AccountId) -> tuple[OrganisationId, Limits]:
        """An address has its own limit, else that of its organisation for each, else the usual one."""
        organisation = await self._organisations.of_account(account)
        own = await self._accounts.daily_recipients(account)
        limits = Limits(
            _first(own, organisation.daily_recipients_each, self._usual.account),
            _first(organisation.daily_recipients, self._usual.organisation),
            self._usual.seconds,
        )
        return organisation.id, limits


def _first(*limits: int | None) -> int:
    """The first that there is; 0 is one."""
    return next(limit for limit in limits if limit is not None)
