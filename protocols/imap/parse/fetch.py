# SPDX-License-Identifier: GPL-3.0-or-later
"""FETCH (RFC 9051, 6.4.5; RFC 3501, 6.4.5; RFC 7162, 3.1.4, 3.2.6)."""

from __future__ import annotations

import re

from protocols.imap.commands import Fetch
from protocols.imap.errors import BadCommand
from protocols.imap.fetch import Binary, BinarySize, BodySection, FetchItem, Section, SectionText, Simple
from protocols.imap.lexer import LARGEST_NUMBER64, Lexer

_PART = re.compile(rb"[1-9]\d{0,9}(?:\.[1-9]\d{0,9})*")

_SIMPLE = {item.value: item for item in Simple}
_FAST = (Simple.FLAGS, Simple.INTERNALDATE, Simple.RFC822_SIZE)
_MACROS: dict[str, tuple[FetchItem, ...]] = {
    "FAST": _FAST,
    "ALL": (*_FAST, Simple.ENVELOPE),
    "FULL": (*_FAST, Simple.ENVELOPE, Simple.BODY),
}
_ITEM = frozenset(_SIMPLE) | {"BODY.PEEK", "BINARY", "BINARY.PEEK", "BINARY.SIZE"}
_MACRO_OR_ITEM = _ITEM | _MACROS.keys()
_TEXTS = ("HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT")
_PART_TEXTS = (*_TEXTS, "MIME")
_FIELDS = (SectionText.HEADER_FIELDS, SectionText.HEADER_FIELDS_NOT)


def fetch(tag: str, lexer: Lexer, *, uid: bool = False) -> Fetch:
    """Numbers, items or a macro, and modifiers."""
    lexer.space()
    numbers = lexer.number_set()
    lexer.space()
    items = lexer.list_of(lambda: _item(lexer)) if lexer.sees(b"(") else _macro_or_item(lexer)
    changed_since, vanished = _modifiers(lexer) if lexer.skip(b" ") else (None, False)
    if vanished and not (uid and changed_since is not None):
        # RFC 7162, 3.2.6: only in UID FETCH and only together with CHANGEDSINCE, else the reply is BAD.
        raise BadCommand("VANISHED is for UID FETCH with CHANGEDSINCE")
    return Fetch(tag, numbers, items, uid, changed_since, vanished)


def _macro_or_item(lexer: Lexer) -> tuple[FetchItem, ...]:
    """RFC 9051, 6.4.5: a macro stands by itself, not among other items."""
    name = lexer.word(_MACRO_OR_ITEM, "a fetch item or macro")
    return _MACROS.get(name) or (_item_named(name, lexer),)


def _item(lexer: Lexer) -> FetchItem:
    return _item_named(lexer.word(_ITEM, "a fetch item"), lexer)


def _item_named(name: str, lexer: Lexer) -> FetchItem:
    if name in _SIMPLE and not (name == "BODY" and lexer.sees(b"[")):
        return _SIMPLE[name]
    lexer.expect(b"[")
    if name.startswith("BODY"):
        section = _section(lexer)
        return BodySection(section, name == "BODY.PEEK", _partial(lexer))
    part = lexer.maybe(_PART).decode()
    lexer.expect(b"]")
    return BinarySize(part) if name == "BINARY.SIZE" else Binary(part, name == "BINARY.PEEK", _partial(lexer))


def _section(lexer: Lexer) -> Section:
    """What stands between `[` and `]` (RFC 9051, 9: section)."""
    part = lexer.maybe(_PART).decode()
    if lexer.skip(b"]"):
        return Section(part)
    if part:
        lexer.expect(b".")
    text = SectionText(lexer.word(_PART_TEXTS if part else _TEXTS))
    fields: tuple[str, ...] = ()
    if text in _FIELDS:
        lexer.space()
        fields = lexer.list_of(lambda: lexer.text("a header field name"))
    lexer.expect(b"]")
    return Section(part, text, fields)


def _partial(lexer: Lexer) -> tuple[int, int] | None:
    """RFC 9051, 9: partial, offset and length in octets."""
    if not lexer.skip(b"<"):
        return None
    start = lexer.number("an offset", LARGEST_NUMBER64)
    lexer.expect(b".")
    length = lexer.number("a length", LARGEST_NUMBER64, smallest=1)
    lexer.expect(b">")
    return start, length


def _modifiers(lexer: Lexer) -> tuple[int | None, bool]:
    """CHANGEDSINCE's value and whether VANISHED is asked for."""
    changed_since = None
    vanished = False

    def modifier() -> None:
        nonlocal changed_since, vanished
        if lexer.word(("CHANGEDSINCE", "VANISHED")) == "VANISHED":
            vanished = True
        else:
            lexer.space()
            changed_since = lexer.mod_sequence()

    lexer.list_of(modifier)
    return changed_since, vanished
