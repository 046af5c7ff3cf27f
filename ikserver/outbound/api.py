# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a recipient, and whom outbound mail turns to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ikserver.model.mail import Body
from ikserver.store.api.queue import Claimed

Dial = Callable[[str, int], tuple[str, int]]
"""Where to connect for an IP address and a port. Tests have servers on loopback that way."""


def straight(address: str, port: int) -> tuple[str, int]:
    """The Dial of the real world."""
    return address, port


@dataclass(frozen=True, slots=True)
class Sent:
    """The next server took responsibility. `reports` when it has DSN: then it tells the sender of a success."""

    host: str
    reply: str
    reports: bool
    secure: bool


@dataclass(frozen=True, slots=True)
class NotSent:
    """`status` as in RFC 3463; `text` are the words of `host`, or ours when `host` is ""."""

    status: str
    text: str
    host: str = ""

    @property
    def permanent(self) -> bool:
        return self.status.startswith("5")

    def __str__(self) -> str:
        return f"{self.host} said: {self.text}" if self.host else f"{self.status} {self.text}"


Outcome = Sent | NotSent


class CannotSend(Exception):
    """Nothing can be sent now (or ever) to a domain, a host or over a connection, for one reason."""

    def __init__(self, outcome: NotSent) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class Signer(Protocol):
    """Called for each message that goes out, after it was converted to what the next server takes."""

    async def sign(self, message: Claimed, body: Body) -> bytes:
        """Whole header fields to put in front, b"" for none. Raises nothing: a message without them goes out too."""


class Unsigned:
    """Signs nothing."""

    async def sign(self, message: Claimed, body: Body) -> bytes:
        return b""
