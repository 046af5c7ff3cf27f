# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between the three services that speak this protocol: mx.py, submission.py, lmtp.py."""

from __future__ import annotations

from typing import Protocol, assert_never

from ikserver.accounts.api import Elsewhere, Inactive, Local, Login, OverQuota, Route, Router, Unknown
from protocols.smtp.replies import (
    INACTIVE_RECIPIENT,
    NEVER_FITS,
    OVER_QUOTA,
    RELAY_DENIED,
    UNKNOWN_RECIPIENT,
    Refused,
)


class Role(Protocol):
    """A frozen value that decides who may send what to whom.

    `hello` are the commands that begin a session; `keyword` is the protocol's name in Received (RFC 3848).
    `authenticates` offers AUTH; `each` answers once a recipient after the body (RFC 2033, 4.2). `strangers`: where
    a client's mail really comes from is examined.
    """

    @property
    def name(self) -> str: ...
    @property
    def greeting(self) -> str: ...
    @property
    def keyword(self) -> str: ...
    @property
    def hello(self) -> frozenset[str]: ...
    @property
    def authenticates(self) -> bool: ...
    @property
    def each(self) -> bool: ...
    @property
    def strangers(self) -> bool: ...

    async def check_sender(self, router: Router, login: Login | None, sender: str) -> None:
        """Raises Refused."""

    def check_recipient(self, route: Route) -> Local | Elsewhere:
        """Raises RecipientRefused."""

    def completion(self, data: bytes, host: str, seconds: float) -> bytes:
        """What to add in front of a message that begins with `data`."""


class RecipientRefused(Refused):
    """One recipient is refused; it counts apart from errors, because lists have dead members."""


def never_elsewhere(route: Route) -> Local:
    """As `ours`, for services that relay nothing. Raises RecipientRefused."""
    if isinstance(route, Elsewhere):
        raise RecipientRefused(RELAY_DENIED)
    return ours(route)


def ours(route: Local | Unknown | Inactive | OverQuota) -> Local:
    """The route of an address of ours when it takes mail. Raises RecipientRefused."""
    match route:
        case Local(deliveries=(), forwards=()):
            raise RecipientRefused(UNKNOWN_RECIPIENT)
        case Local():
            return route
        case Unknown():
            raise RecipientRefused(UNKNOWN_RECIPIENT)
        case Inactive():
            raise RecipientRefused(INACTIVE_RECIPIENT)
        case OverQuota():
            raise RecipientRefused(NEVER_FITS if route.permanent else OVER_QUOTA)
        case unknown:
            assert_never(unknown)
