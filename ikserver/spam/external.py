# SPDX-License-Identifier: GPL-3.0-or-later
"""The External mention (EXT-01): worked out when a message is shown, never written into it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ikserver.accounts.names import canonical
from ikserver.model.spam import Household
from ikserver.store.api.directory import Directory
from ikserver.store.api.spam import SpamStore


@dataclass(frozen=True, slots=True)
class Mentions:
    """Asked for each message that is shown or answered."""

    directory: Directory
    store: SpamStore

    async def is_external(self, household: Household, author: str, contacts: Collection[str] = ()) -> bool:
        """The author (the address of From, "" without one) is neither of the organisation nor among the canonical
        `contacts`, and the organisation wants to be told."""
        if not await self.store.mentions(household.organisation):
            return False
        address = canonical(author)
        domain = await self.directory.domains.lookup(address.rpartition("@")[2])
        colleague = domain is not None and domain.organisation == household.organisation
        return not colleague and address not in contacts
