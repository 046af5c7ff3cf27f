# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes in, commands out (RFC 5804, 4)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

from protocols.imap.buffer import Buffer, LineTooLong
from protocols.managesieve.commands import Command
from protocols.managesieve.errors import BadCommand, ManageSieveError, TooLarge
from protocols.managesieve.verbs import command
from protocols.managesieve.words import Word, announced, words

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """In octets, for each command: its lines together, and its literals together."""

    lines: int = 16_384
    literals: int = 16_384


@dataclass(frozen=True, slots=True)
class Response:
    """The string that was asked for by `expect_response`."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """A command that could not be read, and what to answer."""

    error: ManageSieveError


Event = Command | Response | Problem

Steps = Generator[Event | None, None, T]
"""Yields events, and None where it needs more octets; comes to a T in the end."""


class Receiver:
    """One connection's reader. No I/O: whoever owns the socket feeds it. `limits` may be set anew between events."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._buffer = Buffer()
        self._response_expected = False
        self._line = b""
        self._events = self._read()

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        self._buffer.feed(data)

    def next_event(self) -> Event | None:
        """The next event, or None when more bytes are needed. Never raises."""
        return next(self._events)

    def expect_response(self) -> None:
        """The next line is no command: the client answers a challenge (RFC 5804, 2.1)."""
        self._response_expected = True

    @property
    def is_empty(self) -> bool:
        """Whether all that was fed has been read. What follows STARTTLS too early has not."""
        return not self._buffer

    def _read(self) -> Steps[None]:
        """All events of the connection. Of a command that is refused while it arrives, the rest is skipped."""
        while True:
            try:
                given = yield from self._words()
                # An empty line is nothing: some clients end a literal with one line end too many.
                if given or self._response_expected:
                    yield self._event(given)
            except LineTooLong as error:
                self._response_expected = False
                yield Problem(BadCommand(str(error)))
                self._line = yield from self._rest_of_line()
                yield from self._resynchronise()
            except ManageSieveError as error:
                self._response_expected = False
                yield Problem(error)
                yield from self._resynchronise()

    def _event(self, given: list[Word]) -> Event:
        if not self._response_expected:
            return command(given)
        if len(given) != 1 or not given[0].is_string:
            raise BadCommand("expected one string, the response to the challenge")
        self._response_expected = False
        return Response(given[0].octets)

    def _words(self) -> Steps[list[Word]]:
        """Those of a whole command, over all its lines."""
        given: list[Word] = []
        lines, literals = self.limits.lines, self.limits.literals
        while True:
            self._line = yield from self._next_line(lines)
            lines -= len(self._line)
            given += words(self._line)
            size = announced(self._line)
            if size is None:
                return given
            if size > literals:
                raise TooLarge(f"no more than {self.limits.literals} octets are taken")
            literals -= size
            given.append(Word((yield from self._literal(size))))
            self._line = b""

    def _next_line(self, limit: int) -> Steps[bytes]:
        while (line := self._buffer.line(limit)) is None:
            yield None
        return line

    def _literal(self, size: int) -> Steps[bytes]:
        while len(self._buffer) < size:
            yield None
        return self._buffer.take(size)

    def _resynchronise(self) -> Steps[None]:
        """Skip the literals of the refused command and the lines between them: they are on their way."""
        while (size := announced(self._line)) is not None:
            while size:
                skipped = len(self._buffer.take(size))
                size -= skipped
                if not skipped:
                    yield None
            self._line = yield from self._rest_of_line()

    def _rest_of_line(self) -> Steps[bytes]:
        while (tail := self._buffer.skip_line()) is None:
            yield None
        return tail
