# SPDX-License-Identifier: GPL-3.0-or-later
"""The activity log: what became of each message, shared by all processes of a data directory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ikserver.model.activity import Event, Look, Page, Place, Wanted


class Activity(Protocol):
    """Durable on return. An event that is recorded twice is there once."""

    async def record(self, events: Sequence[Event]) -> None: ...

    async def search(self, wanted: Wanted, limit: int = 100, below: Place | None = None) -> Page:
        """The newest events first, at most `limit` of them, from the end of the page before on."""

    async def trail(self, message: str) -> Sequence[Event]:
        """Every step of a message in the order of time; `message` is its Message-ID or our own id of it."""

    async def disown(self, address: str) -> None:
        """From here on the events of an address are in nobody's log: it may soon be somebody else's."""

    async def note_look(self, look: Look) -> None:
        """Remember that somebody looked."""

    async def looks(self, limit: int = 100) -> Sequence[Look]:
        """The newest first."""

    async def domains(self) -> Sequence[str]:
        """The domains whose addresses have events; "" for events in nobody's log."""

    async def purge(self, domain: str, before: int) -> int:
        """Remove some of the events of a domain that are older than `before`; how many they were, 0 at the end."""

    async def purge_looks(self, before: int) -> None: ...

    async def close(self) -> None:
        """Finish what was begun."""
