# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that waits: for other servers (outbound) and, after a local failure, for our own mailboxes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ikserver.model.activity import Event
from ikserver.model.mail import Body
from ikserver.model.tls import TlsWish


class QueueState(Enum):
    """`SENDING` entries are lent to a process; `GIVEN_UP` ones stay for the operator to look at, retry or drop."""

    WAITING = "waiting"
    SENDING = "sending"
    HELD = "held"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class QueuedRecipient:
    """`notify` and `orcpt` as given (RFC 3461, 4.1 and 4.2); `account` is set when a local mailbox is meant.

    `event` tells the activity log that it is queued, unless it is `quiet`; what becomes of it is told with other
    statuses of this event.
    """

    address: str
    notify: str = ""
    orcpt: str = ""
    account: int | None = None
    event: Event | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """What is given to the queue. `ret` and `envid` of RFC 3461, 4.3 and 4.4; `body_type` 7BIT, 8BITMIME.

    `events` are for the activity log, beside those of the recipients. `submitter` is the address of ours that somebody
    had signed in to who sent it, or that a report of ours is from; "" for what came from elsewhere. Nothing is tried
    `not_before` this time, and the patience with other servers is counted from then; `hold` is how its sender asked
    for that, as reports tell it (RFC 4865, 5.1.2).
    """

    sender: str
    recipients: Sequence[QueuedRecipient]
    body: Body
    ret: str = ""
    envid: str = ""
    body_type: str = "8BITMIME"
    smtputf8: bool = False
    events: tuple[Event, ...] = ()
    submitter: str = ""
    not_before: int = 0
    hold: str = ""
    tls: TlsWish = TlsWish.USUAL


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One recipient of one queued message, as `queue list` shows it. `next_attempt` is None for what does not wait:
    what is held or given up. While it is lent it says when it comes up again if its process dies. `released` is when
    its first attempt was meant to be: later than `queued` for what its sender wanted to go later."""

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
    state: QueueState = QueueState.WAITING
    released: int = 0


@dataclass(frozen=True, slots=True)
class ClaimedRecipient:
    """One entry that is lent for sending. `delay_told`: its sender was told already that it takes longer."""

    entry: int
    to: QueuedRecipient
    attempts: int
    delay_told: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message with those of its recipients that are lent; they all have the same domain, or it is one of ours.

    It came at `queued`; patience is counted from `released`.
    """

    message: int
    sender: str
    recipients: Sequence[ClaimedRecipient]
    size: int
    queued: int
    ret: str
    envid: str
    body_type: str
    smtputf8: bool
    submitter: str
    tls: TlsWish
    released: int
    hold: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Work for one connection: messages whose recipients are all in `domain`."""

    domain: str
    messages: Sequence[Claimed]


@dataclass(frozen=True, slots=True)
class Postponed:
    """An entry that was tried in vain. `delay_told` is kept with it. Without a next attempt it is given up, but stays
    in the list."""

    entry: int
    error: str
    next_attempt: int | None
    delay_told: bool


@dataclass(frozen=True, slots=True)
class Backlog:
    """Recipients that wait, what is held or to be sent later apart, and since when the oldest does; Unix seconds."""

    count: int
    oldest: int | None


class Queue(Protocol):
    """Durable, and shared by all processes of a data directory."""

    async def put(self, *messages: QueuedMessage) -> int:
        """Durable on return, all or none, with their events; the number of the last. A body's file is moved away."""

    async def put_once(self, key: bytes, *messages: QueuedMessage) -> None:
        """As `put`, unless that was done with this key in the last days: then the files of the bodies are left alone.
        Whoever died before he noted that the queue has them may ask again."""

    async def entries(self) -> Sequence[QueueEntry]:
        """All of them, the oldest first, with those that are given up."""

    async def entry(self, number: int) -> QueueEntry:
        """Raises KeyError."""

    async def backlog(self, now: int) -> Backlog:
        """How much waits that was tried before, or should have been by now."""

    async def due_local(self, now: int) -> Sequence[Claimed]:
        """Some entries for local mailboxes whose time has come, each by itself. They are lent: nobody else gets them
        for some minutes, and they come up again when whoever took them dies."""

    async def claim(self, now: int, busy: Collection[str], most: Callable[[str], int]) -> Batch | None:
        """Lend entries whose time has come, of the domain that waits longest and is neither paused nor in `busy`: at
        most as many as `most` says of it. None when there are none. Whoever needs them for minutes calls `keep`."""

    async def keep(self, entries: Sequence[int], now: int) -> None:
        """Lent entries stay lent for some more minutes."""

    async def free_claims(self, now: int) -> None:
        """What was lent for sending waits again. For the one process that sends, when it starts."""

    async def held(self, submitter: str) -> int:
        """Octets of the messages that somebody wanted to go later, until they are gone."""

    async def body(self, message: int) -> Body:
        """The octets of a message. A file stays the queue's: who wants to keep it links it. Raises KeyError."""

    async def event(self, entry: int) -> Event | None:
        """The event of an entry, if it has one."""

    async def done(self, entry: int) -> None:
        """Delivered, or dropped: the entry goes and, with the last one, the body."""

    async def settle(
        self,
        done: Sequence[int],
        postponed: Sequence[Postponed] = (),
        reports: Sequence[QueuedMessage] = (),
        events: Sequence[Event] = (),
    ) -> None:
        """The outcome of an attempt, at once or not at all: entries that are gone, entries that wait again, what their
        senders are told, and what the activity log is told. Entries that somebody held meanwhile stay held. Reports
        are small: no files."""

    async def give_back(self, entries: Sequence[int], next_attempt: int) -> None:
        """Lent entries that were not tried wait again."""

    async def hold(self, entry: int) -> None:
        """Keep it until it is retried. Raises KeyError, as `retry` does."""

    async def retry(self, entry: int, now: int) -> None:
        """Its next attempt is at once, whether it waited, was held or given up. What is being sent stays as it is."""

    async def pause(self, domain: str) -> None:
        """Send nothing to a domain, until `resume`."""

    async def resume(self, domain: str) -> None:
        """Send to it again."""

    async def paused(self) -> Sequence[str]:
        """The domains that nothing is sent to."""

    async def close(self) -> None:
        """Finish what was begun."""
