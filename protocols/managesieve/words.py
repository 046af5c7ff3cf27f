# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a command: atoms, strings and numbers (RFC 5804, 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from protocols.managesieve.errors import BadCommand
from protocols.managesieve.names import script_name

_QUOTED = rb'"((?:[^\x00\r\n"\\]|\\["\\])*+)"'
_ATOM = rb"([!\x23-\x27*-\x5b\x5d-\x7a|}~]+)"
_WORD = re.compile(rb"(?:%b|%b)(?= |$)" % (_QUOTED, _ATOM))
_ESCAPED = re.compile(rb"\\(.)")
_ANNOUNCED = re.compile(rb"\{(\d{1,20})\+?\}\r?\n")
_NUMBER = re.compile(rb"\d{1,20}")


@dataclass(frozen=True, slots=True)
class Word:
    """A string without its quotes, or an atom; numbers are atoms."""

    octets: bytes
    is_string: bool = True


def announced(line: bytes) -> int | None:
    """The size of the literal that follows a line.

    RFC 5804, 4: clients write `{n+}`; some of them forget the plus, and do not wait either.
    """
    brace = line.rfind(b"{")
    found = _ANNOUNCED.fullmatch(line, max(brace, 0))
    return int(found[1]) if found else None


def words(line: bytes) -> Iterator[Word]:
    """Those of a line, without what announces a literal. Raises BadCommand."""
    text = line[: line.rfind(b"{")] if announced(line) is not None else line.rstrip(b"\r\n")
    at = 0
    while at < len(text):
        if text[at : at + 1] == b" ":
            at += 1
            continue
        found = _WORD.match(text, at)
        if found is None:
            raise BadCommand(f"expected a string or a word at octet {at + 1}")
        quoted, atom = found.groups()
        yield Word(_ESCAPED.sub(rb"\1", quoted)) if atom is None else Word(atom, is_string=False)
        at = found.end()


class Arguments:
    """The words behind a verb, taken one by one. Raises BadCommand where another one is expected."""

    __slots__ = ("_at", "_words")

    def __init__(self, given: Sequence[Word]) -> None:
        self._words, self._at = given, 0

    def string(self, expected: str) -> bytes:
        """The next one, which is a string."""
        if self._at == len(self._words) or not self._words[self._at].is_string:
            raise BadCommand(f"expected {expected} as a string")
        self._at += 1
        return self._words[self._at - 1].octets

    def optional_string(self, expected: str) -> bytes | None:
        """The next one, if there is one."""
        return None if self._at == len(self._words) else self.string(expected)

    def name(self) -> str:
        """The name of a script."""
        return script_name(self.string("the name of a script"))

    def number(self, expected: str) -> int:
        """The next one, which is a number. It may be quoted: some clients do that."""
        octets = self._words[self._at].octets if self._at < len(self._words) else b""
        if not _NUMBER.fullmatch(octets):
            raise BadCommand(f"expected {expected}, a number")
        self._at += 1
        return int(octets)

    def end(self) -> None:
        """There are no more."""
        if self._at < len(self._words):
            raise BadCommand("there are too many arguments")
