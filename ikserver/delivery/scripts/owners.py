# SPDX-License-Identifier: GPL-3.0-or-later
"""Under which addresses the owner of an account may write."""

from __future__ import annotations

from collections import defaultdict

from ikserver.model.ids import AccountId
from ikserver.store.api.directory import Directory


class Owners:
    """Read once for all accounts, and again when the directory has changed."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._generation = -1
        self._aliases: dict[AccountId, set[str]] = {}

    async def of(self, account: AccountId, address: str) -> frozenset[str]:
        """The address of an account and its aliases, canonical."""
        generation = self._directory.generation()
        if generation != self._generation:
            found: defaultdict[AccountId, set[str]] = defaultdict(set)
            for alias in await self._directory.addresses.aliases():
                found[alias.account].add(alias.address)
            self._generation, self._aliases = generation, dict(found)
        return frozenset({address, *self._aliases.get(account, ())})
