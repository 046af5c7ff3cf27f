# SPDX-License-Identifier: GPL-3.0-or-later
"""A command while it arrives: lines of text, and the literals between them (RFC 9051, 4.3; RFC 7888, 3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from protocols.imap.commands import Command, Spool
from protocols.imap.errors import BadCommand, ImapError, TooBig, TooMany, Unavailable
from protocols.imap.lexer import Lexer, Literal
from protocols.imap.parse.verbs import VERBS, WITH_MESSAGES

_ANNOUNCED = re.compile(rb"(~?)\{(\d{1,20})(\+?)\}\r?\n")
# A tag is of ASTRING-CHAR but "+" (RFC 9051, 9: tag).
_HEAD = re.compile(rb"([^\x00-\x20(){%*\"\\+\x7f-\xff]+)(?=[ \r\n])(?: ([A-Za-z]+)(?=[ \r\n]))?")


@dataclass(frozen=True, slots=True)
class Limits:
    """In octets. Literals of APPEND above `spool_above` go to a spool, and so do further ones of the same command once
    `literal` octets are in memory. `line` counts the text of a whole command, `literals` how many it may bring."""

    line: int = 65_536
    literal: int = 1_048_576
    append: int = 201 * 1024 * 1024
    spool_above: int = 262_144
    literals: int = 1_000


@dataclass(frozen=True, slots=True)
class Announced:
    """The literal that follows a line."""

    size: int
    binary: bool
    synchronising: bool


def announced(line: bytes) -> Announced | None:
    """RFC 7888, 3: the end of every line is looked at, whatever stands before it."""
    if not line.endswith((b"}\r\n", b"}\n")):
        return None
    brace = line.rfind(b"{")
    found = _ANNOUNCED.fullmatch(line, brace - 1 if line[brace - 1 : brace] == b"~" else max(brace, 0))
    return Announced(int(found[2]), bool(found[1]), not found[3]) if found else None


class Draft:
    """`tag` is "*" until it is known; `line` is the last line read, `room` the octets that further ones may have."""

    __slots__ = ("_at", "_fault", "_held", "_limits", "_literals", "_spool", "_text", "_verb", "line", "room", "tag")

    def __init__(self, limits: Limits, spool: Callable[[], Spool]) -> None:
        self.tag = "*"
        self.line = b""
        self.room = limits.line
        self._limits = limits
        self._spool = spool
        self._verb = ""
        self._at = 0
        self._text: list[bytes] = []
        self._literals: list[Literal] = []
        self._held = 0
        self._fault: ImapError | None = None

    def begin(self, line: bytes) -> None:
        """Take the first line. A verb that does not exist is refused before its literals are taken."""
        self.recognise(line)
        if self._verb not in VERBS:
            raise BadCommand("expected a known command after the tag" if self.tag != "*" else "expected a tag")
        self.add_line(line)

    def recognise(self, beginning: bytes) -> None:
        """Find out what can be known of tag and verb from the first line's beginning."""
        self.line = beginning
        head = _HEAD.match(beginning)
        if head:
            self.tag = head[1].decode()
            self._verb = (head[2] or b"").decode().upper()
            self._at = head.end()

    def add_line(self, line: bytes) -> None:
        """Take a further line; raises what was wrong with the literal before it."""
        self.line = line
        if self._fault:
            raise self._fault
        self.room -= len(line)
        self._text.append(line)

    def accept(self, coming: Announced) -> Spool | None:
        """Agree to a literal: the spool that it goes to, None for memory. Raises TooBig, TooMany or Unavailable."""
        limits = self._limits
        fits_in_memory = self._held + coming.size <= limits.literal
        message = self._verb in WITH_MESSAGES
        if len(self._literals) == limits.literals:
            raise TooMany(f"more than {limits.literals} literals in one command")
        if not (coming.size <= limits.append if message else fits_in_memory):
            raise TooBig(f"a literal of {coming.size} octets is too large here")
        if fits_in_memory and not (message and coming.size > limits.spool_above):
            return None
        try:
            spool = self._spool()
        except OSError as wrong:
            raise Unavailable("the message cannot be stored now") from wrong
        self._literals.append(Literal(spool, coming.binary))
        return spool

    def add_literal(self, coming: Announced, body: bytes) -> None:
        """Take a literal that stays in memory."""
        self._held += coming.size
        self._check(body, coming)
        self._literals.append(Literal(body, coming.binary))

    def write(self, coming: Announced, spool: Spool, chunk: bytes) -> None:
        """Take a piece of a literal that is spooled. What goes wrong is told when the literal has passed."""
        self._check(chunk, coming)
        if self._fault:
            return
        try:
            spool.write(chunk)
        except OSError:
            self._fault = Unavailable("the message cannot be stored now")

    def _check(self, octets: bytes, coming: Announced) -> None:
        """RFC 9051, 9: a literal is of CHAR8, which excludes NUL; a literal8 is of OCTET."""
        if b"\0" in octets and not coming.binary:
            self._fault = self._fault or BadCommand("NUL in a literal: it wants a literal8")

    def complete(self, *, utf8: bool) -> Command:
        """The finished command, which owns the spools from here on. Raises BadCommand."""
        text = b"".join(self._text)
        lexer = Lexer(text[: -2 if text.endswith(b"\r\n") else -1], self._literals, self._at, utf8=utf8)
        command = VERBS[self._verb](self.tag, lexer)
        lexer.end()
        self._literals = []
        return command

    def discard(self) -> None:
        """The command did not come to be."""
        for literal in self._literals:
            if not isinstance(literal.body, bytes):
                literal.body.discard()
        self._literals = []
