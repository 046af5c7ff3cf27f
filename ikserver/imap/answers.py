# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands, one after the other, and what is answered to each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ikserver.imap import dispatch, news
from ikserver.imap.errors import HangUp, Refused, refusal
from ikserver.imap.reply import Ok
from ikserver.imap.session import WRITE_OCTETS, Session
from ikserver.store.api.errors import NoSuchMailbox
from protocols.imap import responses
from protocols.imap.commands import Append, Command
from protocols.imap.errors import BadCommand, ImapError
from protocols.imap.receiver import Continue, Event, Line, Problem, Receiver

APPEND_TOGETHER = 64

logger = logging.getLogger("ikserver.imap")


class Answers:
    """The answering half of a conversation. `end` says BYE and hangs up."""

    __slots__ = ("_bad", "_end", "_receiver", "_session", "news_waits")

    def __init__(self, session: Session, receiver: Receiver, end: Callable[[str], None]) -> None:
        self._session, self._receiver, self._end = session, receiver, end
        self._bad = 0
        self.news_waits = False

    async def work(self, event: Event | None) -> None:
        """Answer `event` and all that has arrived behind it, and tell an idling client the news.

        Answers go out together while more commands wait.
        """
        session = self._session
        while not session.ended and (event is not None or self._is_news_due()):
            event = await self._tell_idling() if event is None else await self._answer(event)
            if event is None or session.waiting >= WRITE_OCTETS:
                session.flush()
                await session.wire.drain()
                event = event or self._receiver.next_event()

    def _is_news_due(self) -> bool:
        return self.news_waits and self._session.idling is not None

    async def _tell_idling(self) -> Event | None:
        await self._tell_news(expunges=True)
        return self._receiver.next_event()

    async def _answer(self, event: Event) -> Event | None:
        """Answer an event; returns the next one, if it is there already."""
        match event:
            case Continue():
                self._session.send(responses.continuation())
            case Line(data):
                await self._end_of_idle(data)
            case Problem(tag, error, fatal):
                self._refuse(tag, error)
                if fatal:
                    self._end(str(error))
            case Append():
                return await self._append_together(event)
            case _:
                await self._reply(event, await self._run(event))
        return self._receiver.next_event()

    async def _append_together(self, first: Append) -> Event | None:
        """APPENDs that arrived one behind the other share one commit (RFC 9051, 5.5). Returns the event behind them."""
        commands = [first]
        event = self._receiver.next_event()
        while isinstance(event, Append) and len(commands) < APPEND_TOGETHER:
            commands.append(event)
            event = self._receiver.next_event()
        if len(commands) == 1:
            await self._reply(first, await self._run(first))
            return event
        for command, result in zip(commands, await asyncio.gather(*map(self._run, commands)), strict=True):
            await self._reply(command, result)
        return event

    async def _run(self, command: Command) -> Ok | Exception | None:
        try:
            return await dispatch.run(self._session, command)
        except Exception as error:
            return error

    async def _reply(self, command: Command, result: Ok | Exception | None) -> None:
        """News, then the tagged reply (RFC 9051, 7.1)."""
        if isinstance(result, Exception):
            self._refuse(command.tag, self._refusal(result))
            return
        session = self._session
        self._bad = 0
        await self._tell_news(expunges=dispatch.allows_expunge(command))
        if result is not None:
            session.send(responses.status_line("OK", result.text, tag=command.tag, code=result.code))
        if session.logged_out:
            session.hang_up("logout")

    def _refusal(self, error: Exception) -> ImapError:
        """Raises ConnectionError, which ends the conversation."""
        if isinstance(error, ConnectionError):
            raise error
        refused = refusal(error)
        if refused is None:
            logger.error("imap-fault", extra={"fields": {"session": self._session.id}}, exc_info=error)
            return Refused("an error of the server; it was logged", "SERVERBUG")
        return refused

    def _refuse(self, tag: str, error: ImapError) -> None:
        self._session.send(responses.status_line(error.status, str(error), tag=tag, code=error.code))
        self._bad = self._bad + 1 if isinstance(error, BadCommand) else 0
        limits = self._session.limits
        if isinstance(error, HangUp):
            self._end(str(error))
        elif self._bad >= limits.bad_commands:
            self._end("too many commands that cannot be understood")
        elif self._session.failures >= limits.login_failures:
            self._end("too many failed logins")

    async def _end_of_idle(self, line: bytes) -> None:
        session = self._session
        tag, session.idling = session.idling, None
        if tag is None:
            return
        if line.strip().upper() != b"DONE":
            self._refuse(tag, BadCommand("expected DONE"))
            return
        await self._tell_news(expunges=True)
        session.send(responses.status_line("OK", "IDLE ended", tag=tag))

    async def _tell_news(self, *, expunges: bool) -> None:
        """What happened to the selected mailbox; if that was its end, the conversation ends too."""
        self.news_waits = False
        try:
            await news.tell(self._session, expunges=expunges)
        except NoSuchMailbox:
            self._end("the selected mailbox was deleted")
