# SPDX-License-Identifier: GPL-3.0-or-later
"""APPEND of one or several messages (RFC 9051, 6.3.12; RFC 3502, 6.3.11; RFC 3516, 4.4)."""

from __future__ import annotations

from protocols.imap.commands import Append, AppendMessage
from protocols.imap.lexer import Lexer
from protocols.imap.parse.dates import date_time


def append(tag: str, lexer: Lexer) -> Append:
    """A mailbox, then flags, date and literal once for each message."""
    lexer.space()
    mailbox = lexer.mailbox()
    messages: list[AppendMessage] = []
    while not messages or lexer.sees(b" "):
        lexer.space()
        messages.append(_message(lexer))
    return Append(tag, mailbox, tuple(messages))


def _message(lexer: Lexer) -> AppendMessage:
    flags: tuple[str, ...] = ()
    date = None
    if lexer.sees(b"("):
        flags = lexer.list_of(lexer.flag, may_be_empty=True)
        lexer.space()
    if lexer.sees(b'"'):
        date = date_time(lexer)
        lexer.space()
    literal = lexer.literal("a message as literal")
    return AppendMessage(literal.body, flags, date, literal.binary)
