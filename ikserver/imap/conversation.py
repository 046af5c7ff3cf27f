# SPDX-License-Identifier: GPL-3.0-or-later
"""One client from greeting to good-bye: what arrives, what is heard of others, and the reasons to end it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import assert_never

from ikserver.accounts.api import Login
from ikserver.imap.answers import Answers
from ikserver.imap.backend import Backend, ImapLimits
from ikserver.imap.capabilities import capabilities
from ikserver.imap.guests import Guests
from ikserver.imap.session import Session
from ikserver.imap.spool import Spools
from ikserver.imap.wire import Wire
from ikserver.model.changes import Changed, Hint, LoginFailed, LoginForgiven, MailboxesChanged, Revoked
from protocols.imap import codes
from protocols.imap.receiver import Event, Limits, Line, Problem, Receiver

HOLD_OCTETS = 256 * 1024
"""What a client may send ahead while a command is being answered, before we stop to read."""

BEFORE_LOGIN = Limits(line=8192, literal=8192, append=8192, spool_above=8192)
"""Strangers get little memory."""

logger = logging.getLogger("ikserver.imap")


class Conversation:
    """Made for each connection by its listener, which calls `begin`, `received`, `writable`, `look` and `lost`.

    There is a task only while something is being answered.
    """

    __slots__ = (
        "_ahead",
        "_answers",
        "_arrived",
        "_began",
        "_guests",
        "_heard_at",
        "_loop",
        "_receiver",
        "_session",
        "_stop_hearing",
        "_stop_watching",
        "_task",
    )

    def __init__(
        self, wire: Wire, backend: Backend, limits: ImapLimits, guests: Guests, *, plaintext_login: bool
    ) -> None:
        """`plaintext_login`: this client may send its password without TLS."""
        self._session = Session(secrets.token_hex(4), wire, backend, limits, self, plaintext_login=plaintext_login)
        self._receiver = Receiver(Spools(backend.spool).new, BEFORE_LOGIN)
        self._answers = Answers(self._session, self._receiver, self.end)
        self._guests = guests
        self._loop = asyncio.get_running_loop()
        self._began = self._heard_at = self._loop.time()
        self._task: asyncio.Task[None] | None = None
        self._arrived: asyncio.Future[None] | None = None
        self._stop_hearing: Callable[[], None] | None = None
        self._stop_watching: Callable[[], None] | None = None
        self._ahead = 0

    # What the listener calls.
    def begin(self) -> None:
        """Greet (RFC 9051, 7.1)."""
        session = self._session
        session.untagged("ikserver ready", codes.capability(capabilities(session)))
        session.flush()

    def received(self, data: bytes) -> None:
        """Octets from the client."""
        self._heard_at = self._loop.time()
        self._receiver.feed(data)
        if self._task is None:
            event = self._receiver.next_event()
            if event is not None:
                self._task = self._loop.create_task(self._work(event))
        elif self._arrived is not None:
            self._arrived.set_result(None)
            self._arrived = None
        else:
            self._ahead += len(data)
            if self._ahead > HOLD_OCTETS:
                self._session.wire.hold()

    def writable(self) -> None:
        """The client has caught up with what was written."""
        self._heard_at = self._loop.time()

    def look(self) -> None:
        """Called now and then: ends the conversation of a client that takes too long (RFC 9051, 5.4)."""
        limits = self._session.limits
        now = self._loop.time()
        if self._session.login is None:
            if now - self._began >= limits.login_time:
                self.end("too long without a login")
        elif now - self._heard_at >= limits.idle_time:
            self.end("autologout after idling too long")

    def end(self, reason: str) -> None:
        """Say BYE and hang up (RFC 9051, 7.1.5)."""
        if not self._session.ended:
            self._session.untagged(reason, status="BYE")
            self._session.hang_up(reason)
            if self._task is not None:
                self._task.cancel()

    def lost(self, received: int, sent: int) -> None:
        """The connection is gone, after that many octets."""
        if self._task is not None:
            self._task.cancel()
        for stop in (self._stop_hearing, self._stop_watching):
            if stop is not None:
                stop()
        self._receiver.close()
        session = self._session
        session.unselect()
        if session.login is not None:
            self._guests.leave(session.login.account)
        fields = {"session": session.id, "in": received, "out": sent, "reason": session.ended or "connection lost"}
        logger.info("imap-end", extra={"fields": fields})

    async def _work(self, event: Event | None) -> None:
        try:
            await self._answers.work(event)
        except ConnectionError:
            return
        except Exception as error:
            logger.error("imap-fault", extra={"fields": {"session": self._session.id}}, exc_info=error)
            self.end("an error of the server; it was logged")
        finally:
            self._task = None
            self._ahead = 0
            self._session.wire.resume()

    # What verbs call: session.Host.
    async def next_line(self) -> bytes:
        """The client's next line, which is no command."""
        self._receiver.expect_line()
        self._session.flush()
        while True:
            match self._receiver.next_event():
                case Line(data):
                    return data
                case Problem(error=error):
                    raise error
            self._arrived = self._loop.create_future()
            await self._arrived

    def expect_line(self) -> None:
        """As `next_line`, without waiting: the line comes as an event."""
        self._receiver.expect_line()

    def sign_in(self, login: Login) -> None:
        """From here on the client is `login`. Raises Refused when it has too many sessions."""
        session = self._session
        self._guests.enter(login.account)
        session.login = login
        backend, limits = session.backend, session.limits
        self._stop_hearing = backend.changes.subscribe(login.account, self._hear)
        self._stop_watching = backend.logins.watch(login, lambda: self.end("the login holds no longer"))
        self._receiver.limits = Limits(append=limits.message_size, spool_above=limits.spool_above)
        fields = {"session": session.id, "peer": session.wire.peer, "user": login.address, "device": login.device}
        logger.info("imap-login", extra={"fields": fields})

    def utf8_enabled(self) -> None:
        """Mailbox names are UTF-8 from here on."""
        self._receiver.utf8_enabled()

    def leftover(self) -> bytes:
        """What the client sent behind the command that is being answered."""
        return self._receiver.drain()

    # News of others.
    def _hear(self, hint: Hint) -> None:
        session = self._session
        match hint:
            case Changed(mailbox=mailbox):
                if session.view is not None and session.view.id == mailbox:
                    self._tell_soon()
            case MailboxesChanged():
                self._tell_soon()
            case Revoked() | LoginFailed() | LoginForgiven():
                return  # those who watch logins look into it
            case unknown:
                assert_never(unknown)

    def _tell_soon(self) -> None:
        """A client that idles hears of news at once; others with the answer to their next command."""
        self._answers.news_waits = True
        if self._session.idling is not None and self._task is None and not self._session.ended:
            self._task = self._loop.create_task(self._work(None))
