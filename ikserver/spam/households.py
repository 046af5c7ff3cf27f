# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose lists and statistics count for an address: its own and its organisation's."""

from __future__ import annotations

from ikserver.model.ids import AccountId
from ikserver.model.spam import Household
from ikserver.store.api.directory import Directory


class Households:
    """An account stays in its organisation, for a domain never changes hands: each is asked for once."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._known: dict[AccountId, Household] = {}

    async def of(self, account: AccountId) -> Household:
        """Raises NotFound."""
        known = self._known.get(account)
        if known is None:
            organisation = await self._directory.organisations.of_account(account)
            known = self._known[account] = Household(account, organisation.id)
        return known
