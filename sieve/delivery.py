# SPDX-License-Identifier: GPL-3.0-or-later
"""One message on its way to one address, as scripts see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sieve.message import Message
from sieve.result import Result
from sieve.services import Services
from sieve.settings import Settings

CAUSE = "imap.cause"
EVENT_ITEMS = frozenset({CAUSE, "imap.user", "imap.email", "imap.mailbox", "imap.changedflags"})
"""Of the environment; each is "" when a message is delivered (RFC 6785, 4)."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """RFC 5228, 5.4. A `sender` of None is the null one; `auth` is who signed in to send it (RFC 4954).

    The rest is what the client asked for: RFC 3461 and RFC 2852, as RFC 6009 tests it.
    """

    sender: str | None = None
    recipient: str | None = None
    original_recipient: str | None = None
    auth: str | None = None
    notify: str | None = None
    orcpt: str | None = None
    ret: str | None = None
    envid: str | None = None
    by_time_absolute: str | None = None
    by_time_relative: str | None = None
    by_mode: str | None = None
    by_trace: str | None = None


@dataclass(slots=True)
class Delivery:
    """Every attribute may be replaced while a script runs."""

    message: Message
    envelope: Envelope = field(default_factory=Envelope)
    environment: Mapping[str, str] = field(default_factory=dict)
    services: Services = field(default_factory=Services)
    settings: Settings = field(default_factory=Settings)
    result: Result = field(default_factory=Result)

    def __post_init__(self) -> None:
        # The contract gives None for a result of its own.
        if self.result is None:
            self.result = Result()

    @property
    def event(self) -> str:
        """Why a script runs for a message that is there already (RFC 6785, 4.3); "" when it is delivered."""
        return self.environment.get(CAUSE, "")
