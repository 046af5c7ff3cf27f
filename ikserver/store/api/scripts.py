# SPDX-License-Identifier: GPL-3.0-or-later
"""Sieve scripts: those of an account, reached by `Mail.scripts`, and those that an organisation runs around them; and
what they decide, which `Mail.decisions` carries out.

Nothing here compiles a script: whoever stores one has checked it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ikserver.model.ids import OrganisationId
from ikserver.model.scripts import Decided, GlobalScript, Moment, Script, ScriptEntry, WaitingPost

MAX_SCRIPTS = 100
"""So many scripts has an account, or an organisation."""
MAX_SCRIPT_OCTETS = 1 << 20
"""No script is larger."""
MAX_TOTAL_OCTETS = 8 << 20
"""All scripts of an account, or of an organisation, together."""
MAX_NAME_OCTETS = 512
"""RFC 5804, 1.6 asks for at least 128 characters."""


class Scripts(Protocol):
    """The scripts of one account, in its own database. Of several at most one is active. Changes are durable on
    return; reads see what any process has committed.

    Names are any text without control characters (RFC 5804, 1.6), compared octet by octet.
    """

    async def list(self) -> Sequence[ScriptEntry]:
        """All of them, by name."""

    async def get(self, name: str) -> bytes:
        """Raises NoSuchScript."""

    async def active(self) -> Script | None:
        """The one that runs when mail comes. Takes microseconds."""

    async def check_room(self, name: str, size: int) -> None:
        """Whether `put` would take so many octets (RFC 5804, 2.5). Raises what `put` raises."""

    async def put(self, name: str, content: bytes) -> None:
        """Make it or put it in place of the one of that name, which stays active if it was.

        Raises TooManyScripts, ScriptTooLarge, CannotChange for what cannot be a name.
        """

    async def activate(self, name: str | None) -> None:
        """This one is active from now on, or none. Raises NoSuchScript."""

    async def delete(self, name: str) -> None:
        """Raises NoSuchScript, ScriptActive (RFC 5804, 2.10)."""

    async def rename(self, old: str, new: str) -> None:
        """The active one stays active (RFC 5804, 2.11). Raises NoSuchScript, ScriptExists, CannotChange."""


class Decisions(Protocol):
    """What one delivery does to an account, and what scripts remember of it."""

    async def remembered(self, key: bytes) -> int | None:
        """Until when a mark holds, in Unix seconds; None for one that is not there, or no longer."""

    async def carry_out(self, decided: Decided) -> bool:
        """All of it in one transaction, or nothing: then it is False, because a mark is there that should be new.

        Raises OverQuota, CannotChange.
        """

    async def waiting_posts(self) -> Sequence[WaitingPost]:
        """Some posts that are not in the queue yet, the oldest first. No two posts have the same key."""

    async def forget_post(self, post: WaitingPost) -> None:
        """It is in the queue."""


class GlobalScripts(Protocol):
    """The scripts of organisations, shared by all processes of a data directory."""

    async def of(self, organisation: OrganisationId) -> Sequence[GlobalScript]:
        """All of them, by name. Takes microseconds."""

    async def put(self, organisation: OrganisationId, name: str, content: bytes, moment: Moment) -> None:
        """Make it or put it in place of the one of that name. Raises TooManyScripts, ScriptTooLarge, CannotChange."""

    async def delete(self, organisation: OrganisationId, name: str) -> None:
        """Raises NoSuchScript."""

    async def close(self) -> None:
        """Finish what was begun."""
