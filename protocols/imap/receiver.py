# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes in, commands out (RFC 9051, 2.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from protocols.imap.commands import Command, Spool
from protocols.imap.errors import ImapError


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


@dataclass(frozen=True, slots=True)
class Limits:
    """In octets. Literals of APPEND above `spool_above` go to a spool."""

    line: int = 65_536
    literal: int = 1_048_576
    append: int = 201 * 1024 * 1024
    spool_above: int = 262_144


class Receiver:
    """One connection's reader. No I/O: whoever owns the socket feeds it."""

    def __init__(self, spool: Callable[[], Spool], limits: Limits | None = None) -> None: ...

    def feed(self, data: bytes) -> None:
        """Take what arrived."""

    def next_event(self) -> Event | None:
        """The next event, or None when more bytes are needed. Never raises."""
        raise NotImplementedError

    def expect_line(self) -> None:
        """The next line is no command: the answer to an AUTHENTICATE challenge, or IDLE's DONE."""

    def utf8_enabled(self) -> None:
        """ENABLE IMAP4rev2 happened: mailbox names are UTF-8 from here on (RFC 9051, 5.1)."""

    def drain(self) -> bytes:
        """Give back what was fed and not yet read, for STARTTLS and COMPRESS: the caller decides what becomes of it."""
        raise NotImplementedError
