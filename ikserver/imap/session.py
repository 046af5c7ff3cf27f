# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of one client, and the octets that wait to be sent to it."""

from __future__ import annotations

import asyncio
from enum import Enum, Flag, auto
from typing import Protocol

from ikserver.accounts.api import Login
from ikserver.imap.backend import Backend, ImapLimits
from ikserver.imap.errors import Refused, WrongState
from ikserver.imap.view import View
from ikserver.imap.wire import Wire
from ikserver.store.api.mail import Mail
from protocols.imap.responses import status_line

WRITE_OCTETS = 128 * 1024
"""Answers are joined up to this much before they are written; then other sessions get their turn."""


class State(Enum):
    """RFC 9051, 3."""

    NOT_AUTHENTICATED = auto()
    AUTHENTICATED = auto()
    SELECTED = auto()
    LOGOUT = auto()


class Enabled(Flag):
    """What the client switched on by ENABLE, or by using it (RFC 7162, 3.1)."""

    NOTHING = 0
    REV2 = auto()
    CONDSTORE = auto()
    QRESYNC = auto()


class Host(Protocol):
    """What verbs ask of the conversation that a session is part of."""

    async def next_line(self) -> bytes:
        """Send what waits, then wait for a line of the client that is no command. Raises BadCommand."""

    def expect_line(self) -> None:
        """The next line is no command; it ends IDLE."""

    def sign_in(self, login: Login) -> None:
        """From here on the client is `login`. Raises Refused."""

    def utf8_enabled(self) -> None:
        """Mailbox names are UTF-8 from here on."""

    def leftover(self) -> bytes:
        """Take what the client sent behind the command that is being answered."""


class Session:
    """Verbs read and change it; conversation.py owns it."""

    __slots__ = (
        "_out",
        "backend",
        "enabled",
        "ended",
        "failures",
        "host",
        "id",
        "idling",
        "limits",
        "logged_out",
        "login",
        "mail",
        "plaintext_login",
        "view",
        "waiting",
        "wire",
    )

    def __init__(
        self,
        number: str,
        wire: Wire,
        backend: Backend,
        limits: ImapLimits,
        host: Host,
        *,
        plaintext_login: bool,
    ) -> None:
        """`number` is told in the log; `plaintext_login`: passwords need no TLS."""
        self.id = number
        self.wire = wire
        self.backend = backend
        self.limits = limits
        self.host = host
        self.plaintext_login = plaintext_login
        self.enabled = Enabled.NOTHING
        self.login: Login | None = None
        self.mail: Mail | None = None
        self.view: View | None = None
        self.idling: str | None = None
        self.failures = 0
        self.logged_out = False
        self.ended = ""  # the reason why the conversation is over
        self._out: list[bytes] = []
        self.waiting = 0

    @property
    def state(self) -> State:
        if self.logged_out:
            return State.LOGOUT
        if self.login is None:
            return State.NOT_AUTHENTICATED
        return State.AUTHENTICATED if self.view is None else State.SELECTED

    @property
    def rev2(self) -> bool:
        return Enabled.REV2 in self.enabled

    @property
    def condstore(self) -> bool:
        return Enabled.CONDSTORE in self.enabled

    @property
    def qresync(self) -> bool:
        return Enabled.QRESYNC in self.enabled

    @property
    def may_login(self) -> bool:
        """Whether a password may be sent as it is (RFC 9051, 11.1)."""
        return self.wire.encrypted or self.plaintext_login

    @property
    def store(self) -> Mail:
        """The mail of who is signed in."""
        if self.mail is None:
            raise WrongState("log in first")
        return self.mail

    @property
    def selected(self) -> View:
        if self.view is None:
            raise WrongState("select a mailbox first")
        return self.view

    @property
    def writable(self) -> View:
        """The selected mailbox, where it may be changed."""
        if self.selected.read_only:
            raise Refused("the mailbox was opened by EXAMINE", "READ-ONLY")
        return self.selected

    def unselect(self) -> None:
        """Let go of the selected mailbox, if there is one."""
        if self.view is not None:
            self.view.close()
            self.view = None

    def send(self, data: bytes) -> None:
        """Add to what goes to the client next."""
        self._out.append(data)
        self.waiting += len(data)

    def untagged(self, text: str, code: str | None = None, status: str = "OK") -> None:
        self.send(status_line(status, text, code=code))

    def flush(self) -> None:
        """Write what waits, in one piece."""
        if self._out:
            data = b"".join(self._out)
            self._out.clear()
            self.waiting = 0
            self.wire.write(data)

    def hang_up(self, reason: str) -> None:
        """Send what waits, then close."""
        self.ended = reason
        self.flush()
        self.wire.close()

    async def stream(self, data: bytes) -> None:
        """As `send`, for answers of any length: whoever cannot read as fast is waited for, and others get a turn."""
        self.send(data)
        if self.waiting >= WRITE_OCTETS:
            self.flush()
            await self.wire.drain()
            # A client that reads fast never makes us wait, and would starve the others.
            await asyncio.sleep(0)
