# SPDX-License-Identifier: GPL-3.0-or-later
"""A message that has arrived: who sent it, to whom, and its octets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ikserver.accounts.api import Deliver, Elsewhere, Forward, Local
from ikserver.model.authentication import Authenticated
from ikserver.model.mail import Body
from ikserver.model.spam import Scanned
from ikserver.model.tls import TlsWish
from protocols.message import Brief


class Recipient(NamedTuple):
    """One accepted RCPT: the address as given and where it leads; `notify` and `orcpt` of RFC 3461, 4.1 and 4.2."""

    address: str
    route: Local | Elsewhere
    notify: str = ""
    orcpt: str = ""

    @property
    def deliveries(self) -> tuple[Deliver, ...]:
        """The mailboxes of ours that get the message."""
        return self.route.deliveries if isinstance(self.route, Local) else ()

    @property
    def screened(self) -> str:
        """The address without a mailbox that sends it on, "" when none does."""
        return self.route.screened if isinstance(self.route, Local) else ""

    @property
    def elsewhere(self) -> tuple[Forward | Elsewhere, ...]:
        """The addresses on other servers that get it."""
        return self.route.forwards if isinstance(self.route, Local) else (self.route,)


class Origin(NamedTuple):
    """Who gave it to us: the client's IP address, whether TLS was used, and whose login it was, "" without one."""

    peer: str = ""
    secure: bool = False
    submitter: str = ""


class Arrived(NamedTuple):
    """`sender` is "" for the null path. `body` starts with `return_path` octets of a Return-Path field, which only
    local mailboxes get (RFC 5321, 4.4). `seconds` is when it came. Whoever is given it owns the body's file.
    `authenticated` is None where nothing is asked of DNS: for our own people and for LMTP."""

    id: str
    sender: str
    recipients: Sequence[Recipient]
    body: Body
    return_path: int
    seconds: float
    release: float = 0.0
    """Nobody gets it before this time (RFC 4865, 4.2)."""
    hold: str = ""
    """How that was asked for."""
    ret: str = ""
    envid: str = ""
    body_type: str = "8BITMIME"
    smtputf8: bool = False
    tls: TlsWish = TlsWish.USUAL
    authenticated: Authenticated | None = None
    scanned: Scanned | None = None
    """None where no virus scanner was asked yet."""
    origin: Origin = Origin()
    brief: Brief = Brief()

    @property
    def size(self) -> int:
        """Octets of the body."""
        return len(self.body) if isinstance(self.body, bytes) else self.body.size
