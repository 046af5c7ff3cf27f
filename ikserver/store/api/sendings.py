# SPDX-License-Identifier: GPL-3.0-or-later
"""How many recipients each account and organisation has written to lately."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ikserver.model.ids import AccountId, OrganisationId


@dataclass(frozen=True, slots=True)
class Limits:
    """Recipients in `seconds`, 0 for no limit."""

    account: int
    organisation: int
    seconds: int = 86_400


class Sendings(Protocol):
    """Durable, and shared by all processes of a data directory. Times are in seconds; counts are kept by the minute."""

    async def of_account(self, account: AccountId, since: int) -> int:
        """Recipients since a time."""

    async def of_organisation(self, organisation: OrganisationId, since: int) -> int:
        """Recipients of all its accounts since a time."""

    async def take(
        self, account: AccountId, organisation: OrganisationId, recipients: int, now: int, limits: Limits
    ) -> bool:
        """Count them, unless that would be more than the limits: then nothing is counted, and it is False."""

    async def close(self) -> None:
        """Finish what was begun."""
