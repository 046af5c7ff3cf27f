# SPDX-License-Identifier: GPL-3.0-or-later
"""A cursor over one whole command: the terminals of RFC 9051, 9. Methods raise BadCommand where nothing fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from protocols.imap.commands import Spool
from protocols.imap.errors import BadCommand
from protocols.imap.mailbox_names import decode_name
from protocols.imap.numbers import NumberSet, parse_set

T = TypeVar("T")

_ATOM = re.compile(rb"[^\x00-\x20(){%*\"\\\]\x7f-\xff]+")
# Octets above 127 are no ASTRING-CHAR, but clients send them in names and passwords, and nothing else can be meant.
_ASTRING = re.compile(rb"[^\x00-\x20(){%*\"\\\x7f]+")
_PATTERN = re.compile(rb"[^\x00-\x20(){\"\\\x7f]+")
_QUOTED = re.compile(rb'"((?:[^\x00\r\n"\\]|\\["\\])*+)"')
_ESCAPED = re.compile(rb"\\(.)")
_MARKER = re.compile(rb"~?\{\d+\+?\}\r?\n")
_DIGITS = re.compile(rb"\d{1,20}(?!\d)")
_WORD = re.compile(rb"[A-Za-z0-9.-]+")
_NUMBER_SET = re.compile(rb"[\d:,*]+|\$")
_FLAG = re.compile(rb"\\?[^\x00-\x20(){%*\"\\\]\x7f-\xff]+")

LARGEST_NUMBER = 2**32 - 1
LARGEST_NUMBER64 = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Literal:
    """`binary` when it was announced as literal8 (RFC 9051, 4.3.1)."""

    body: bytes | Spool
    binary: bool = False


class Lexer:
    """Reads `text`, where each literal is still announced by `{n}` and a line end; its octets are in `literals`."""

    __slots__ = ("_literals", "_text", "at", "utf8")

    def __init__(self, text: bytes, literals: Sequence[Literal] = (), at: int = 0, *, utf8: bool = False) -> None:
        self._text = text
        self._literals = iter(literals)
        self.at = at
        self.utf8 = utf8

    def fail(self, expected: str, at: int | None = None) -> NoReturn:
        """Say what should stand here, or at `at`. The text itself is not repeated: it may be a password."""
        raise BadCommand(f"expected {expected} at octet {(self.at if at is None else at) + 1}")

    def take(self, pattern: re.Pattern[bytes], expected: str) -> bytes:
        """What the pattern matches here (its group 1 when it has one)."""
        found = pattern.match(self._text, self.at)
        if not found:
            self.fail(expected)
        self.at = found.end()
        return found[1 if pattern.groups else 0]

    def maybe(self, pattern: re.Pattern[bytes]) -> bytes:
        """What the pattern matches here, or nothing."""
        found = pattern.match(self._text, self.at)
        if not found:
            return b""
        self.at = found.end()
        return found[0]

    def skip(self, token: bytes) -> bool:
        """Step over the token if it stands here."""
        if not self._text.startswith(token, self.at):
            return False
        self.at += len(token)
        return True

    def sees(self, *tokens: bytes) -> bool:
        """Whether one of the tokens stands here."""
        return self._text.startswith(tokens, self.at)

    def skip_word(self, token: bytes) -> bool:
        """Step over the token, given in upper case, in whatever case it stands here."""
        end = self.at + len(token)
        if self._text[self.at : end].upper() != token:
            return False
        self.at = end
        return True

    def expect(self, token: bytes) -> None:
        """Step over the token, which must stand here."""
        if not self.skip(token):
            self.fail("a space" if token == b" " else f"'{token.decode()}'")

    def space(self) -> None:
        """Step over exactly one space (RFC 9051, 9: SP)."""
        self.expect(b" ")

    def end(self) -> None:
        """Nothing may follow."""
        if self.at != len(self._text):
            self.fail("the end of the command")

    def word(self, known: Collection[str], expected: str = "") -> str:
        """One of the `known` words, in upper case."""
        start = self.at
        word = self.maybe(_WORD).decode().upper()
        if word not in known:
            self.fail(expected or " or ".join(known), start)
        return word

    def atom(self, expected: str) -> str:
        """An atom in upper case."""
        return self.take(_ATOM, expected).decode().upper()

    def flag(self) -> str:
        """A flag or keyword as spelled. NIL is a keyword like others here."""
        return self.take(_FLAG, "a flag").decode()

    def string(self, expected: str) -> bytes:
        """Quoted or literal."""
        if self.sees(b'"'):
            quoted = self.take(_QUOTED, expected)
            return _ESCAPED.sub(rb"\1", quoted) if b"\\" in quoted else quoted
        literal = self.literal(expected)
        if literal.binary or not isinstance(literal.body, bytes):
            self.fail(f"{expected} of less size, as an ordinary literal")
        return literal.body

    def astring(self, expected: str) -> bytes:
        """An atom (in which `]` is allowed), quoted or literal."""
        return self._string_or(_ASTRING, expected)

    def nstring(self, expected: str) -> bytes | None:
        """NIL, quoted or literal."""
        return None if self.skip_word(b"NIL") else self.string(expected)

    def literal(self, expected: str) -> Literal:
        """A literal or literal8, whatever its size."""
        self.take(_MARKER, expected)
        return next(self._literals)

    def text(self, expected: str) -> str:
        """An astring in UTF-8."""
        return self._decoded(self.astring(expected), expected)

    def mailbox(self) -> str:
        """A mailbox name, decoded."""
        return self._name(self.astring("a mailbox name"))

    def pattern(self) -> str:
        """A mailbox name that may hold wildcards (RFC 9051, 9: list-mailbox), decoded."""
        return self._name(self._string_or(_PATTERN, "a mailbox pattern"))

    def number(self, expected: str = "a number", largest: int = LARGEST_NUMBER, smallest: int = 0) -> int:
        """A number between two bounds that are both allowed."""
        start = self.at
        number = int(self.take(_DIGITS, expected))
        if not smallest <= number <= largest:
            self.fail(f"{expected} of {smallest} to {largest}", start)
        return number

    def mod_sequence(self) -> int:
        """Zero passes everywhere: clients that know nothing yet send it (RFC 7162, 7: mod-sequence-valzer)."""
        return self.number("a mod-sequence", LARGEST_NUMBER64)

    def number_set(self) -> NumberSet:
        """A sequence-set, or `$`."""
        start = self.at
        try:
            return parse_set(self.take(_NUMBER_SET, "a set of numbers"))
        except ValueError:
            self.fail("a set of numbers", start)

    def list_of(self, item: Callable[[], T], *, may_be_empty: bool = False) -> tuple[T, ...]:
        """A parenthesised list with single spaces between its items."""
        self.expect(b"(")
        if may_be_empty and self.skip(b")"):
            return ()
        items = [item()]
        while self.skip(b" "):
            items.append(item())
        self.expect(b")")
        return tuple(items)

    def _string_or(self, plain: re.Pattern[bytes], expected: str) -> bytes:
        return (not self.sees(b"~{") and self.maybe(plain)) or self.string(expected)

    def _name(self, raw: bytes) -> str:
        try:
            return decode_name(raw, utf8=self.utf8)
        except UnicodeDecodeError as wrong:
            raise BadCommand("a mailbox name is not UTF-8") from wrong

    def _decoded(self, raw: bytes, expected: str) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as wrong:
            raise BadCommand(f"{expected} is not UTF-8") from wrong
