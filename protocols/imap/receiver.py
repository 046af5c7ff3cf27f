# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes in, commands out (RFC 9051, 2.2)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from protocols.imap.buffer import Buffer, LineTooLong
from protocols.imap.commands import Command, Spool
from protocols.imap.draft import Announced, Draft, Limits, announced
from protocols.imap.errors import ImapError

__all__ = ["Continue", "Event", "Limits", "Line", "Problem", "Receiver"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Continue:
    """The client waits for `+` before it sends a literal (RFC 9051, 4.3)."""


@dataclass(frozen=True, slots=True)
class Line:
    """The line that was asked for by `expect_line`, without its line end."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """A command that could not be read: answer `tag` ("*" when there is none) with the error. `fatal`: then close."""

    tag: str
    error: ImapError
    fatal: bool = False


Event = Command | Continue | Line | Problem

Steps = Generator[Event | None, None, T]
"""Yields events, and None where it needs more octets; comes to a T in the end."""


class Receiver:
    """One connection's reader. No I/O: whoever owns the socket feeds it. `limits` may be set anew between events."""

    def __init__(self, spool: Callable[[], Spool], limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._spool = spool
        self._buffer = Buffer()
        self._line_expected = False
        self._utf8 = False
        self._events = self._read()

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        self._buffer.feed(data)

    def next_event(self) -> Event | None:
        """The next event, or None when more bytes are needed. Never raises, unless after `close`."""
        return next(self._events)

    def expect_line(self) -> None:
        """The next line is no command: the answer to an AUTHENTICATE challenge, or IDLE's DONE."""
        self._line_expected = True

    def utf8_enabled(self) -> None:
        """ENABLE IMAP4rev2 happened: mailbox names are UTF-8 from here on (RFC 9051, 5.1)."""
        self._utf8 = True

    def drain(self) -> bytes:
        """Give back what was fed and not yet read, for STARTTLS and COMPRESS: the caller decides what becomes of it."""
        return self._buffer.take(len(self._buffer))

    def close(self) -> None:
        """The connection is gone: discard what was spooled for a command that will not be finished."""
        self._events.close()

    def _read(self) -> Steps[None]:
        """All events of the connection. A refused command is answered at once, then its remains are skipped."""
        while True:
            draft = Draft(self.limits, self._spool)
            try:
                yield from self._line_or_command(draft)
            except LineTooLong as error:
                if not (draft.line or self._line_expected):
                    draft.recognise(error.beginning)
                yield Problem(draft.tag, error, fatal=self._line_expected)
                yield from self._resynchronise((yield from self._rest_of_line()))
            except ImapError as error:
                yield Problem(draft.tag, error)
                yield from self._resynchronise(draft.line)
            finally:
                draft.discard()

    def _line_or_command(self, draft: Draft) -> Steps[None]:
        line = yield from self._line(draft.room)
        if self._line_expected:
            self._line_expected = False
            yield Line(line.rstrip(b"\r\n"))
            return
        draft.begin(line)
        while coming := announced(draft.line):
            yield from self._literal(draft, coming)
            draft.add_line((yield from self._line(draft.room)))
        yield draft.complete(utf8=self._utf8)

    def _line(self, limit: int) -> Steps[bytes]:
        while (line := self._buffer.line(limit)) is None:
            yield None
        return line

    def _literal(self, draft: Draft, coming: Announced) -> Steps[None]:
        spool = draft.accept(coming)
        if coming.synchronising:
            yield Continue()
        if spool is None:
            while len(self._buffer) < coming.size:
                yield None
            draft.add_literal(coming, self._buffer.take(coming.size))
        else:
            yield from self._octets(coming.size, lambda chunk: draft.write(coming, spool, chunk))

    def _octets(self, count: int, sink: Callable[[bytes], object]) -> Steps[None]:
        """Hand on the next `count` octets as they arrive."""
        while count:
            chunk = self._buffer.take(count)
            if chunk:
                sink(chunk)
                count -= len(chunk)
            else:
                yield None

    def _resynchronise(self, line: bytes) -> Steps[None]:
        """Skip what the client has sent, or will send, of the refused command that `line` belongs to.

        After a synchronising literal it sends nothing more: it got the refusal in place of `+` (RFC 9051, 4.3). The
        octets of the other kind are on their way and must be read (RFC 7888, 4).
        """
        while (coming := announced(line)) and not coming.synchronising:
            yield from self._octets(coming.size, len)
            line = yield from self._rest_of_line()

    def _rest_of_line(self) -> Steps[bytes]:
        while (tail := self._buffer.skip_line()) is None:
            yield None
        return tail
