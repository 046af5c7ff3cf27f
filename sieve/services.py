# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine asks of whoever runs it. Each service may be missing; then the answer is "no"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, runtime_checkable


class Mailboxes(Protocol):
    """The mailboxes of the script's owner."""

    def exists(self, name: str) -> bool:
        """May mail be stored there?"""

    def special_use(self, flag: str) -> str | None:
        """The mailbox with this special use, `\\Junk` (RFC 6154, 2)."""

    def by_id(self, id: str) -> str | None:
        """The mailbox with this object identifier (RFC 8474, 4)."""

    def metadata(self, mailbox: str | None, entry: str) -> str | None:
        """An annotation of a mailbox, or of the server (RFC 5464)."""


class Scripts(Protocol):
    """What `include` finds (RFC 6609, 3.2)."""

    def load(self, name: str, location: str) -> bytes | None:
        """`location` is ":personal" or ":global"."""


class Duplicates(Protocol):
    """What RFC 7352 remembers."""

    def seen(self, key: str, seconds: int, last: bool) -> bool:
        """Was it there before? Remembered from now on, once the delivery succeeds; `last`: each time counts anew."""


class Responses(Protocol):
    """Whom vacation has answered (RFC 5230, 4.2)."""

    def seen(self, key: str, seconds: int) -> bool:
        """Was it answered in that time? If not, it is remembered once the reply has been taken over."""


class Lists(Protocol):
    """Lists outside of scripts (RFC 6134)."""

    def names(self) -> Sequence[str]:
        """Those that there are."""

    def contains(self, list: str, value: str) -> bool:
        """Is it on the list?"""


@runtime_checkable
class ListMembers(Protocol):
    """Lists that can tell who is on them, to whom `redirect :list` sends (RFC 6134, 2.3)."""

    def members(self, list: str) -> Sequence[str]:
        """Addresses."""


class Clock(Protocol):
    def now(self) -> datetime:
        """With its zone."""


class Actuator(Protocol):
    """Who does what scripts decide."""

    def store(self, mailbox: str, message: bytes, flags: Sequence[str], create: bool) -> None:
        """Raises MailboxError."""

    def send(self, sender: str | None, recipients: Sequence[str], message: bytes) -> None:
        """A sender of None is the null one."""

    def refuse(self, reason: str) -> bool:
        """In the dialogue of SMTP; False when it is too late for that."""


class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC).astimezone()


@dataclass(frozen=True, slots=True)
class Services:
    """`notify` maps methods of RFC 5435 ("mailto") to what carries them out."""

    mailboxes: Mailboxes | None = None
    scripts: Scripts | None = None
    duplicates: Duplicates | None = None
    responses: Responses | None = None
    lists: Lists | None = None
    clock: Clock = field(default_factory=SystemClock)
    notify: Mapping[str, Any] = field(default_factory=dict)
