# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of one client: who it is, what it says next, and the octets that wait to be sent to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ikserver.accounts.api import Login
from ikserver.managesieve.backend import Backend, ManageSieveLimits
from ikserver.managesieve.errors import WrongState
from ikserver.managesieve.wire import Wire
from ikserver.model.ids import AccountId
from ikserver.store.api.scripts import MAX_SCRIPT_OCTETS, Scripts
from protocols.managesieve.receiver import Event, Limits, Problem, Receiver, Response
from protocols.managesieve.responses import status

WRITE_OCTETS = 128 * 1024
"""Answers are joined up to this much before they are written."""
BEFORE_LOGIN = Limits(lines=8_192, literals=8_192)
"""Strangers get little memory."""
AFTER_LOGIN = Limits(literals=MAX_SCRIPT_OCTETS + 8_192)
"""A script, and its name where that is a literal too."""

T = TypeVar("T")
logger = logging.getLogger("ikserver.managesieve")


class Ended(Exception):
    """The conversation is over; the text says why."""


class Session:
    """Verbs read and change it; conversation.py owns it. `number` is told in the log."""

    def __init__(
        self, number: str, wire: Wire, backend: Backend, limits: ManageSieveLimits, *, plaintext_login: bool
    ) -> None:
        self.id = number
        self.wire, self.backend, self.limits = wire, backend, limits
        self.login: Login | None = None
        self.failures = 0
        self.ended = ""
        self._plaintext_login = plaintext_login
        self._receiver = Receiver(BEFORE_LOGIN)
        self._stop_watching: Callable[[], None] | None = None
        self._out: list[bytes] = []
        self._waiting = 0
        self._loop = asyncio.get_running_loop()
        self._stranger_until = self._loop.time() + limits.login_time

    @property
    def may_login(self) -> bool:
        """Whether a password may be sent as it is (RFC 5804, 5)."""
        return self.wire.encrypted or self._plaintext_login

    @property
    def account(self) -> AccountId:
        """That of who is signed in."""
        if self.login is None:
            raise WrongState("log in first")
        return self.login.account

    async def scripts(self) -> Scripts:
        """Those of who is signed in."""
        return (await self.backend.mail_store.mail(self.account)).scripts

    def sign_in(self, login: Login) -> None:
        """From here on the client is `login`."""
        self.login = login
        self._receiver.limits = AFTER_LOGIN
        self._stop_watching = self.backend.logins.watch(login, lambda: self.end("the login holds no longer"))
        fields = {"session": self.id, "peer": self.wire.peer, "user": login.address, "device": login.device}
        logger.info("managesieve-login", extra={"fields": fields})

    def sign_out(self) -> None:
        """From here on the client is a stranger."""
        if self._stop_watching is not None:
            self._stop_watching()
        self.login = self._stop_watching = None
        self._receiver.limits = BEFORE_LOGIN
        self._stranger_until = self._loop.time() + self.limits.login_time

    @property
    def is_quiet(self) -> bool:
        """Whether the client has sent nothing behind the command that is being answered."""
        return self._receiver.is_empty and not self.wire.arrived()

    async def next_event(self) -> Event:
        """What the client says next. Raises ConnectionError, and Ended when it takes too long."""
        while (event := self._receiver.next_event()) is None:
            self.flush()
            self._receiver.feed(await self._in_time(self._read()))
        if self._waiting >= WRITE_OCTETS:
            self.flush()
            await self._in_time(self.wire.drain())
        return event

    async def response(self) -> bytes:
        """The client's answer to a challenge. Raises as `next_event`, and ManageSieveError."""
        self._receiver.expect_response()
        match await self.next_event():
            case Response(data):
                return data
            case Problem(error):
                raise error
        raise AssertionError("the receiver gives a response where one is expected, or a problem")

    async def _read(self) -> bytes:
        await self.wire.drain()
        return await self.wire.read()

    async def _in_time(self, work: Coroutine[Any, Any, T]) -> T:
        """RFC 5804, 1.2: clients that do nothing for too long are sent away."""
        stranger = self.login is None
        until = self._stranger_until if stranger else self._loop.time() + self.limits.idle_time
        try:
            async with asyncio.timeout_at(until):
                return await work
        except TimeoutError as error:
            raise Ended("too long without a login" if stranger else "autologout after idling too long") from error

    def send(self, data: bytes) -> None:
        """Add to what goes to the client next."""
        self._out.append(data)
        self._waiting += len(data)

    def flush(self) -> None:
        """Write what waits, in one piece."""
        if self._out:
            self.wire.write(b"".join(self._out))
            self._out.clear()
            self._waiting = 0

    def end(self, reason: str) -> None:
        """Say BYE and hang up."""
        if not self.ended:
            self.send(status("BYE", reason))
            self.hang_up(reason)

    def hang_up(self, reason: str) -> None:
        """Send what waits, then close."""
        self.ended = reason
        self.flush()
        self.wire.close()
