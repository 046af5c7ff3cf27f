# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of every state (RFC 9051, 6.1; RFC 2971, 3.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from protocols.imap.commands import Id
from protocols.imap.lexer import Lexer

T = TypeVar("T")


def bare(command: Callable[[str], T]) -> Callable[[str, Lexer], T]:
    """The parser of a command without arguments."""

    def parse(tag: str, _lexer: Lexer) -> T:
        return command(tag)

    return parse


def client_id(tag: str, lexer: Lexer) -> Id:
    """RFC 2971, 3.1: pairs of field and value, or NIL."""
    lexer.space()
    if lexer.skip_word(b"NIL"):
        return Id(tag, ())

    def pair() -> tuple[str, str | None]:
        name = lexer.string("a field name")
        lexer.space()
        value = lexer.nstring("a value or NIL")
        return name.decode("utf-8", "replace"), None if value is None else value.decode("utf-8", "replace")

    return Id(tag, lexer.list_of(pair, may_be_empty=True))
