# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts ask of the account while they run, in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol

from ikserver.model.mail import Mailbox
from ikserver.model.scripts import Mark

ASK_SECONDS = 30.0


class Folders:
    """Implements `sieve.services.Mailboxes` for the mailboxes that there were when the message came."""

    def __init__(self, mailboxes: Sequence[Mailbox]) -> None:
        self._mailboxes = {mailbox.name: mailbox for mailbox in mailboxes}

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._mailboxes)

    def exists(self, name: str) -> bool:
        """INBOX has any spelling (RFC 9051, 5.1)."""
        return name in self._mailboxes or name.upper() == "INBOX"

    def special_use(self, flag: str) -> str | None:
        """RFC 6154, 2: names of uses have no case."""
        found = (
            mailbox.name
            for mailbox in self._mailboxes.values()
            if mailbox.special_use is not None and mailbox.special_use.value.lower() == flag.lower()
        )
        return next(found, None)

    def by_id(self, id: str) -> str | None:
        """No client knows an identifier: our IMAP tells none (RFC 8474, 4)."""
        return None

    def metadata(self, mailbox: str | None, entry: str) -> str | None:
        """There are no annotations."""
        return None


class Remembered(Protocol):
    """`Decisions.remembered`."""

    def __call__(self, key: bytes) -> Coroutine[Any, Any, int | None]: ...


@dataclass(slots=True)
class Memory:
    """What is remembered of one kind. `marks` are what is to be remembered, by key, once the delivery succeeds."""

    kind: str
    remembered: Remembered
    now: int
    loop: asyncio.AbstractEventLoop
    marks: dict[bytes, Mark] = field(default_factory=dict)

    def seen(self, key: str, seconds: int, last: bool = False) -> bool:
        """Whether it is remembered; if not, or each time with `last`, it will be for so long (RFC 7352, 3)."""
        digest = sha256(f"{self.kind}\0{key}".encode("utf-8", "surrogateescape")).digest()
        until = asyncio.run_coroutine_threadsafe(self.remembered(digest), self.loop).result(ASK_SECONDS)
        if until is None or last:
            self.marks[digest] = Mark(digest, self.now + seconds, new=until is None)
        return until is not None


@dataclass(frozen=True, slots=True)
class Moment:
    """A clock that stands still: all scripts of a delivery see the same time."""

    seconds: float

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC).astimezone()
