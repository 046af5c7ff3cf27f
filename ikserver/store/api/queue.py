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
    """One recipient of one queued message, as `queue list` shows it."""

    id: int
    message: int
    sender: str
    recipient: str
    account: int | None
    size: int
    queued: int
    attempts: int
    next_attempt: int
    last_error: str


class Queue(Protocol):
    async def put(self, message: QueuedMessage) -> int:
        """Durable on return; the number of the message."""

    async def entries(self) -> Sequence[QueueEntry]: ...

    async def due_local(self, now: int) -> Sequence[QueueEntry]:
        """Entries for local mailboxes whose time has come."""

    async def body(self, message: int) -> Body: ...

    async def retry_later(self, entry: int, error: str, next_attempt: int) -> None: ...

    async def done(self, entry: int) -> None:
        """Delivered: the entry goes and, with the last one, the body."""
