# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of senders of an address and its organisation, and which of them decides."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ikserver.model.spam import Hit, Household, Level, Listed, Profile, Side
from ikserver.spam.patterns import Patterns
from ikserver.store.api.spam import SpamStore

MAX_KEPT = 2_000


class Senders(NamedTuple):
    """Who seems to have sent a message: its author, "" without one, and who the envelope names. Canonical.

    `authentic`: the author's domain vouches for it.
    """

    author: str
    envelope: str
    authentic: bool


@dataclass(frozen=True, slots=True)
class _List:
    level: Level
    allowed: Patterns
    blocked: Patterns

    @classmethod
    def of(cls, level: Level, lines: Sequence[Listed]) -> _List:
        return cls(level, _patterns(lines, Side.ALLOWED), _patterns(lines, Side.BLOCKED))

    def hit(self, senders: Senders) -> Hit | None:
        """Allowed beats blocked, and counts only for an author who is who he says (SND-04)."""
        if senders.authentic and (found := self.allowed.match(senders.author)):
            return Hit(self.level, Listed(Side.ALLOWED, found))
        found = self.blocked.match(senders.author) or self.blocked.match(senders.envelope)
        return Hit(self.level, Listed(Side.BLOCKED, found)) if found else None


class SenderLists:
    """Compiled lists are kept until their version is another one."""

    def __init__(self, store: SpamStore) -> None:
        self._store = store
        self._kept: OrderedDict[Household, tuple[tuple[int, int], tuple[_List, _List]]] = OrderedDict()

    async def hit(self, household: Household, profile: Profile, senders: Senders) -> Hit | None:
        """The line that decides: the address's list before its organisation's (SND-01)."""
        for one in await self._lists(household, profile):
            found = one.hit(senders)
            if found is not None:
                return found
        return None

    async def _lists(self, household: Household, profile: Profile) -> Iterable[_List]:
        if profile.version == (0, 0):
            return ()
        kept = self._kept.get(household)
        if kept is None or kept[0] != profile.version:
            own = _List.of(Level.ADDRESS, await self._store.lists(account=household.account))
            shared = _List.of(Level.ORGANISATION, await self._store.lists(organisation=household.organisation))
            kept = profile.version, (own, shared)
            self._kept[household] = kept
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return kept[1]


def _patterns(lines: Sequence[Listed], side: Side) -> Patterns:
    return Patterns(line.pattern for line in lines if line.side is side)
