# SPDX-License-Identifier: GPL-3.0-or-later
"""SEARCH (RFC 9051, 6.4.4; RFC 3501, 6.4.4; RFC 5032, 3; RFC 5182, 2; RFC 7162, 3.1.5)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

from protocols.imap import search as keys
from protocols.imap.commands import Search
from protocols.imap.errors import BadCommand
from protocols.imap.lexer import LARGEST_NUMBER64, Lexer
from protocols.imap.parse.dates import day

RETURN_OPTIONS = ("MIN", "MAX", "ALL", "COUNT", "SAVE")

_DEEPEST = 64
_UNREADABLE = "latin-1"
"""Takes any octets: the grammar of a command is checked even where its charset is not known."""
_SET_STARTS = tuple(b"%c" % octet for octet in b"123456789*$")
_ENTRY_TYPES = ("PRIV", "SHARED", "ALL")
# Names of the IANA registry. Python's own list also holds codecs that are no charset, such as unicode_escape.
_CHARSET = re.compile(
    r"UTF-(?:16|16BE|16LE|32)|ISO-8859-\d+|ISO-2022-(?:JP|KR)|WINDOWS-\d+|KOI8-[RU]|GBK|GB2312|GB18030|BIG5"
    r"|EUC-(?:JP|KR)|SHIFT_JIS"
)


@dataclass(slots=True)
class _Reader:
    """What the keys of one command share: the cursor, the charset of their strings, and how deep they are nested."""

    lexer: Lexer
    encoding: str = "utf-8"
    depth: int = 0

    def text(self) -> str:
        """An astring in the command's charset."""
        raw = self.lexer.astring("a search string")
        try:
            return raw.decode(self.encoding)
        except UnicodeError as wrong:
            raise BadCommand(f"a search string is not {self.encoding}") from wrong


def search(tag: str, lexer: Lexer, *, uid: bool = False) -> Search:
    """RETURN options, CHARSET, and keys that must all hold; an unknown charset is the verb's to refuse."""
    lexer.space()
    returns = charset = None
    if lexer.skip_word(b"RETURN "):
        returns = lexer.list_of(lambda: lexer.word(RETURN_OPTIONS), may_be_empty=True)
        lexer.space()
    if lexer.skip_word(b"CHARSET "):
        charset = lexer.text("a charset").upper()
        lexer.space()
    encoding = _encoding(charset)
    reader = _Reader(lexer, encoding or _UNREADABLE)
    found = [_key(reader)]
    while lexer.skip(b" "):
        found.append(_key(reader))
    return Search(tag, _all_of(tuple(found)) if encoding else keys.UnknownCharset(), returns, charset, uid)


def _all_of(found: tuple[keys.SearchKey, ...]) -> keys.SearchKey:
    return found[0] if len(found) == 1 else keys.AndKeys(found)


def _encoding(charset: str | None) -> str | None:
    """The codec's name, None for none. Strings without a charset, and those that claim to be ASCII, are UTF-8."""
    if charset in (None, "US-ASCII", "UTF-8"):
        return "utf-8"
    try:
        if _CHARSET.fullmatch(charset):
            return codecs.lookup(charset).name
    except LookupError:
        pass
    return None


def _key(reader: _Reader) -> keys.SearchKey:
    """One key: a list in parentheses, a set of numbers, or a word with its arguments."""
    lexer = reader.lexer
    reader.depth += 1
    if reader.depth > _DEEPEST:
        raise BadCommand(f"search keys are nested more than {_DEEPEST} deep")
    found: keys.SearchKey
    if lexer.sees(b"("):
        found = _all_of(lexer.list_of(lambda: _key(reader)))
    elif lexer.sees(*_SET_STARTS):
        found = keys.Numbers(lexer.number_set())
    else:
        found = KEYS[lexer.word(KEYS, "a search key")](reader)
    reader.depth -= 1
    return found


def _constant(key: keys.SearchKey) -> Callable[[_Reader], keys.SearchKey]:
    return lambda _reader: key


def _text(field: str) -> Callable[[_Reader], keys.SearchKey]:
    def read(reader: _Reader) -> keys.Text:
        reader.lexer.space()
        return keys.Text(field, reader.text())

    return read


def _header(reader: _Reader) -> keys.Header:
    reader.lexer.space()
    name = reader.lexer.text("a header field name")
    reader.lexer.space()
    return keys.Header(name, reader.text())


def _keyword(is_set: bool) -> Callable[[_Reader], keys.SearchKey]:
    def read(reader: _Reader) -> keys.Flag:
        reader.lexer.space()
        return keys.Flag(reader.lexer.flag(), is_set)

    return read


def _day(relation: str, sent: bool) -> Callable[[_Reader], keys.SearchKey]:
    def read(reader: _Reader) -> keys.Day:
        reader.lexer.space()
        return keys.Day(relation, day(reader.lexer), sent)

    return read


def _number(key: Callable[[int], keys.SearchKey], smallest: int = 0) -> Callable[[_Reader], keys.SearchKey]:
    def read(reader: _Reader) -> keys.SearchKey:
        reader.lexer.space()
        return key(reader.lexer.number("a number", LARGEST_NUMBER64, smallest))

    return read


def _not(reader: _Reader) -> keys.NotKey:
    reader.lexer.space()
    return keys.NotKey(_key(reader))


def _or(reader: _Reader) -> keys.OrKeys:
    reader.lexer.space()
    first = _key(reader)
    reader.lexer.space()
    return keys.OrKeys((first, _key(reader)))


def _uid(reader: _Reader) -> keys.Numbers:
    reader.lexer.space()
    return keys.Numbers(reader.lexer.number_set(), uid=True)


def _modseq(reader: _Reader) -> keys.ModSeqAtLeast:
    """RFC 7162, 3.1.5: an entry may be named, but this server counts one mod-sequence for all of a message."""
    lexer = reader.lexer
    lexer.space()
    if lexer.sees(b'"'):
        lexer.string("an entry name")
        lexer.space()
        lexer.word(_ENTRY_TYPES)
        lexer.space()
    return keys.ModSeqAtLeast(lexer.mod_sequence())


_EVERY = keys.AllMessages()
_NONE = keys.NotKey(_EVERY)
_FLAGS = {name.upper(): "\\" + name for name in ("Answered", "Deleted", "Draft", "Flagged", "Seen")}

KEYS: dict[str, Callable[[_Reader], keys.SearchKey]] = {
    "ALL": _constant(_EVERY),
    **{name: _constant(keys.Flag(flag)) for name, flag in _FLAGS.items()},
    **{"UN" + name: _constant(keys.Flag(flag, False)) for name, flag in _FLAGS.items()},
    # RFC 3501, 6.4.4: of \Recent, which this server never sets.
    "RECENT": _constant(_NONE),
    "NEW": _constant(_NONE),
    "OLD": _constant(_EVERY),
    **{field: _text(field) for field in ("BCC", "BODY", "CC", "FROM", "SUBJECT", "TEXT", "TO")},
    "HEADER": _header,
    "KEYWORD": _keyword(True),
    "UNKEYWORD": _keyword(False),
    "BEFORE": _day("<", False),
    "ON": _day("=", False),
    "SINCE": _day(">=", False),
    "SENTBEFORE": _day("<", True),
    "SENTON": _day("=", True),
    "SENTSINCE": _day(">=", True),
    "LARGER": _number(lambda octets: keys.Size(above=octets)),
    "SMALLER": _number(lambda octets: keys.Size(below=octets)),
    "OLDER": _number(lambda seconds: keys.Age(older=seconds), smallest=1),
    "YOUNGER": _number(lambda seconds: keys.Age(younger=seconds), smallest=1),
    "UID": _uid,
    "NOT": _not,
    "OR": _or,
    "MODSEQ": _modseq,
}
