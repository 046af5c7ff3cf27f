# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that waits: for other servers (outbound) and, after a local failure, for our own mailboxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ikserver.model.mail import Body


@dataclass(frozen=True, slots=True)
class QueuedRecipient:
    """`notify` and `orcpt` as given (RFC 3461, 4.1 and 4.2); `account` is set when a local mailbox is meant."""

    address: str
    notify: str = ""
    orcpt: str = ""
    account: int | None = None


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """What is given to the queue. `ret` and `envid` of RFC 3461, 4.3 and 4.4; `body_type` 7BIT, 8BITMIME."""

    sender: str
    recipients: Sequence[QueuedRecipient]
    body: Body
    ret: str = ""
    envid: str = ""
    body_type: str = "8BITMIME"
    smtputf8: bool = False


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One recipient of one queued message, as `queue list` shows it. `next_attempt` is None when it was given up."""

    id: int
    message: int
    sender: str
    recipient: str
    account: int | None
    size: int
    queued: int
    attempts: int
    next_attempt: int | None
    last_error: str


class Queue(Protocol):
    """Durable, and shared by all processes of a data directory."""

    async def put(self, message: QueuedMessage) -> int:
        """Durable on return; the number of the message. A body's file is moved away."""

    async def entries(self) -> Sequence[QueueEntry]:
        """All of them, the oldest first, with those that are given up."""

    async def due_local(self, now: int) -> Sequence[QueueEntry]:
        """Some entries for local mailboxes whose time has come. They are lent: nobody else gets them for some minutes,
        and they come up again when whoever took them dies."""

    async def body(self, message: int) -> Body:
        """The octets of a message. A file stays the queue's: who wants to keep it links it. Raises KeyError."""

    async def retry_later(self, entry: int, error: str, next_attempt: int | None) -> None:
        """The attempt failed; the next one is at `next_attempt`, None: never, but the entry stays in the list."""

    async def done(self, entry: int) -> None:
        """Delivered, or dropped: the entry goes and, with the last one, the body."""

    async def close(self) -> None:
        """Finish what was begun."""
