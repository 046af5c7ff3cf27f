# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening a mailbox, and the commands within it but FETCH and SEARCH (RFC 9051, 6.3.2, 6.4; RFC 7162, 3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from protocols.imap.commands import Copy, Expunge, Move, QResync, Select, Store
from protocols.imap.lexer import Lexer
from protocols.imap.numbers import NumberSet

T = TypeVar("T", Copy, Move)

_ACTION = re.compile(rb"[+-]?FLAGS(?:\.SILENT)?(?= )", re.IGNORECASE)


def select(tag: str, lexer: Lexer, *, read_only: bool = False) -> Select:
    """SELECT and EXAMINE, with the parameters CONDSTORE (RFC 7162, 3.1.8) and QRESYNC (RFC 7162, 3.2.5)."""
    lexer.space()
    mailbox = lexer.mailbox()
    if not lexer.skip(b" "):
        return Select(tag, mailbox, read_only)
    parameters = lexer.list_of(lambda: _parameter(lexer))
    qresync = next((parameter for parameter in parameters if parameter), None)
    return Select(tag, mailbox, read_only, None in parameters, qresync)


def _parameter(lexer: Lexer) -> QResync | None:
    """QRESYNC with its values, or None for CONDSTORE."""
    if lexer.word(("CONDSTORE", "QRESYNC")) == "CONDSTORE":
        return None
    lexer.space()
    return _qresync(lexer)


def _qresync(lexer: Lexer) -> QResync:
    """RFC 7162, 7: uidvalidity, mod-sequence, then if the client wants known-uids and seq-match-data."""
    lexer.expect(b"(")
    uidvalidity = lexer.number("a UIDVALIDITY", smallest=1)
    lexer.space()
    modseq = lexer.mod_sequence()
    known = match_numbers = match_uids = None
    more = lexer.skip(b" ")
    if more and not lexer.sees(b"("):
        known = _plain_set(lexer)
        more = lexer.skip(b" ")
    if more:
        lexer.expect(b"(")
        match_numbers = _plain_set(lexer)
        lexer.space()
        match_uids = _plain_set(lexer)
        lexer.expect(b")")
    lexer.expect(b")")
    return QResync(uidvalidity, modseq, known, match_numbers, match_uids)


def _plain_set(lexer: Lexer) -> NumberSet:
    """RFC 7162, 7: `*` is not allowed in what a client remembers."""
    start = lexer.at
    numbers = lexer.number_set()
    if numbers.saved or numbers.has_star():
        lexer.fail("a set without '*' or '$'", start)
    return numbers


def uid_expunge(tag: str, lexer: Lexer) -> Expunge:
    """RFC 4315, 2.1."""
    lexer.space()
    return Expunge(tag, lexer.number_set())


def transfer(command: Callable[[str, NumberSet, str, bool], T], *, uid: bool = False) -> Callable[[str, Lexer], T]:
    """The parser of COPY or MOVE (RFC 9051, 6.4.7, 6.4.8)."""

    def parse(tag: str, lexer: Lexer) -> T:
        lexer.space()
        numbers = lexer.number_set()
        lexer.space()
        return command(tag, numbers, lexer.mailbox(), uid)

    return parse


def store(tag: str, lexer: Lexer, *, uid: bool = False) -> Store:
    """RFC 9051, 6.4.6, with UNCHANGEDSINCE (RFC 7162, 3.1.3)."""
    lexer.space()
    numbers = lexer.number_set()
    lexer.space()
    unchanged_since = None
    if lexer.skip(b"("):
        lexer.word(("UNCHANGEDSINCE",))
        lexer.space()
        unchanged_since = lexer.mod_sequence()
        lexer.expect(b")")
        lexer.space()
    action = lexer.take(_ACTION, "FLAGS, +FLAGS or -FLAGS").decode().upper()
    lexer.space()
    mode = action[0] if action[0] in "+-" else "="
    return Store(tag, numbers, mode, _store_flags(lexer), action.endswith(".SILENT"), uid, unchanged_since)


def _store_flags(lexer: Lexer) -> tuple[str, ...]:
    """RFC 9051, 9: a list in parentheses, or flags that follow each other."""
    if lexer.sees(b"("):
        return lexer.list_of(lexer.flag, may_be_empty=True)
    flags = [lexer.flag()]
    while lexer.skip(b" "):
        flags.append(lexer.flag())
    return tuple(flags)
