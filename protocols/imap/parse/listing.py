# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST and LSUB (RFC 9051, 6.3.9; RFC 5258, 3; RFC 5819, 2; RFC 6154, 2; RFC 3501, 6.3.9)."""

from __future__ import annotations

from protocols.imap.commands import List, Lsub
from protocols.imap.errors import BadCommand
from protocols.imap.lexer import Lexer
from protocols.imap.parse.auth import status_items

SELECTION_OPTIONS = ("SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE")
RETURN_OPTIONS = ("SUBSCRIBED", "CHILDREN", "SPECIAL-USE", "STATUS")


def list_mailboxes(tag: str, lexer: Lexer) -> List:
    """The plain form with two arguments, and the extended one."""
    lexer.space()
    selection = _selection(lexer) if lexer.sees(b"(") else None
    reference = lexer.mailbox()
    lexer.space()
    several = lexer.sees(b"(")
    patterns = lexer.list_of(lexer.pattern) if several else (lexer.pattern(),)
    returning = lexer.skip(b" ")
    returns, status = _returns(lexer) if returning else ((), ())
    extended = several or returning or selection is not None
    return List(tag, reference, patterns, selection or (), returns, status, extended)


def lsub(tag: str, lexer: Lexer) -> Lsub:
    """RFC 3501, 6.3.9."""
    lexer.space()
    reference = lexer.mailbox()
    lexer.space()
    return Lsub(tag, reference, lexer.pattern())


def _selection(lexer: Lexer) -> tuple[str, ...]:
    options = lexer.list_of(lambda: lexer.word(SELECTION_OPTIONS), may_be_empty=True)
    # RFC 9051, 9: list-select-opts. RECURSIVEMATCH alone, or with REMOTE only, selects nothing to recurse into.
    if "RECURSIVEMATCH" in options and "SUBSCRIBED" not in options:
        raise BadCommand("RECURSIVEMATCH needs SUBSCRIBED beside it")
    lexer.space()
    return options


def _returns(lexer: Lexer) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The options but STATUS, and STATUS' items."""
    lexer.word(("RETURN",))
    lexer.space()
    status: tuple[str, ...] = ()

    def option() -> str:
        nonlocal status
        name = lexer.word(RETURN_OPTIONS)
        if name == "STATUS":
            lexer.space()
            status = status_items(lexer)
        return name

    options = lexer.list_of(option, may_be_empty=True)
    return tuple(name for name in options if name != "STATUS"), status
