# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each message: one event a message, recipient and step.

Times are milliseconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Direction(Enum):
    """Seen from the address whose log shows the event."""

    SENT = "sent"
    RECEIVED = "received"


class Status(Enum):
    """What happened in a step."""

    RECEIVED = "received"
    FILED = "filed"
    """A rule put it into a folder."""
    SPAM = "spam"
    DISCARDED = "discarded"
    REDIRECTED = "redirected"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    QUEUED = "queued"
    SENT = "sent"
    BOUNCED = "bounced"
    AUTO_REPLY = "auto-reply"
    OVER_QUOTA = "over-quota"


class Answer(NamedTuple):
    """The reply that decided the step (RFC 5321, 4.2; RFC 3463): ours to a client, or that of `host`, the next server.

    `code` 0: no server said anything, and `text` is why not.
    """

    code: int = 0
    enhanced: str = ""
    text: str = ""
    host: str = ""


class Event(NamedTuple):
    """One step of one message for one recipient.

    `address` is the address of ours whose log shows it; with "" it is in nobody's log and only found by its message.
    `message` is our own id of the message (in Received and in the 250), `message_id` the field of its author.
    `sender` is that of the envelope; `listed` says on whose list it is ("blocked by the address: *@far.test").
    What is not known is "", 0 or None. Addresses are canonical. New fields come last: events are kept by their order.
    """

    time: int
    direction: Direction
    status: Status
    address: str
    recipient: str
    message: str
    attempt: int = 0
    sender: str = ""
    header_from: str = ""
    subject: str = ""
    size: int = 0
    message_id: str = ""
    client: str = ""
    client_name: str = ""
    tls: bool = False
    authentication: str = ""
    score: float | None = None
    reasons: tuple[str, ...] = ()
    listed: str = ""
    rule: str = ""
    folder: str = ""
    target: str = ""
    answer: Answer | None = None

    @property
    def correspondent(self) -> str:
        """The other side: who wrote, or who is written to."""
        if self.direction is Direction.SENT:
            return self.recipient
        return self.header_from or self.sender

    def then(self, status: Status, time: int, answer: Answer | None = None, attempt: int = 0) -> Event:
        """The next step of the same message for the same recipient."""
        return self._replace(status=status, time=time, answer=answer, attempt=attempt)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search looks for; None is anything. `since` and `until` both belong to the period."""

    address: str | None = None
    direction: Direction | None = None
    since: int | None = None
    until: int | None = None
    status: Status | None = None
    correspondent: str | None = None
    message_id: str | None = None
    domains: tuple[str, ...] = ()
    """Only the logs of addresses in these, the domains of one organisation; () is anything, too."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a search ends: the next one begins below it."""

    time: int
    key: int


@dataclass(frozen=True, slots=True)
class Page:
    """Events, the newest first; `next` is None on the last page."""

    events: tuple[Event, ...]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked into a log: who, and what was asked for."""

    time: int
    who: str
    what: str
