# SPDX-License-Identifier: GPL-3.0-or-later
"""What the spam filter keeps: a switch and a list for each address, a list for each organisation, what was learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ikserver.model.ids import AccountId, BodyId, OrganisationId
from ikserver.model.spam import Household, Lesson, Listed, Profile, Receipt


class SpamStore(Protocol):
    """Shared by all processes of a data directory; what changes something is durable on return. Reads take
    microseconds and see what any process has committed."""

    async def profile(self, household: Household) -> Profile:
        """Of an address that nothing was set for: on, with empty lists."""

    async def set_on(self, account: AccountId, on: bool) -> None:
        """Switch the filter of an address."""

    async def mentions(self, organisation: OrganisationId) -> bool:
        """Whether mail from outside is marked when it is shown."""

    async def set_mentions(self, organisation: OrganisationId, on: bool) -> None: ...

    async def lists(
        self, *, account: AccountId | None = None, organisation: OrganisationId | None = None
    ) -> Sequence[Listed]:
        """The lines of one of them, in order."""

    async def change_lists(
        self,
        add: Sequence[Listed],
        remove: Sequence[Listed],
        *,
        account: AccountId | None = None,
        organisation: OrganisationId | None = None,
    ) -> tuple[Sequence[Listed], Sequence[Listed]]:
        """Which lines really came and went."""

    async def counts(self, household: Household, tokens: Sequence[int]) -> Sequence[int]:
        """Of each token, in this order: in how many spam and other messages it was, those of the organisation
        included, as one number, `spam << 32 | ham`."""

    async def learn(self, household: Household, lessons: Sequence[Lesson]) -> Sequence[bool | None]:
        """How each message was learned before, None if it was not. Nothing is counted twice."""

    async def learned(self, account: AccountId, bodies: Sequence[BodyId]) -> Mapping[BodyId, bool]:
        """Those of the messages that were learned, as spam or not."""

    async def keep_receipt(self, receipt: Receipt, now: int) -> Receipt:
        """With its number."""

    async def take_receipt(self, account: AccountId, number: int) -> Receipt | None:
        """Once: the next one who asks gets None."""

    async def forget(self, before: int) -> None:
        """Remove receipts that are older."""

    async def close(self) -> None:
        """Finish what was begun."""
