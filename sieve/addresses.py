# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses in header fields, tolerantly and in linear time (RFC 5322, 3.4 and 4.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

ATOM, QUOTED, LITERAL = "atom", "quoted", "literal"

_ATOM = r'[^\s()<>\[\]:;@\\,."]++'
_DOTTED = rf"{_ATOM}(?:\.{_ATOM})*+"
_USUAL = re.compile(
    rf'\s*+(?:(?:"[^"\\]*+"|[^"(),:;<>@\[\]\\]*+)\s*+<({_DOTTED}@{_DOTTED})>|(?!=\?)({_DOTTED}@{_DOTTED}))\s*+(?:,|\Z)'
)
# An encoded word is one word even where its writer left a comma or a colon in it.
_TOKEN = re.compile(
    rf"""\s*+(?:(?P<atom>=\?[^?\s]++\?[bBqQ]\?[^?\s]*+\?=|{_ATOM})
    |"(?P<quoted>[^"\\]*+(?:\\.[^"\\]*+)*+)(?:(?P<closed>")|\\?\Z)
    |(?P<literal>\[[^\[\]]*+\])
    |(?P<sign>.))""",
    re.DOTALL | re.VERBOSE,
)
_IN_COMMENT = re.compile(r"(?:[^()\\]|\\.)*+", re.DOTALL)
_ROUTE = re.compile(r"<\s*+@[^:<>]*+:")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_UNSAFE = re.compile(r'["\\]')
_DOT_ATOM = re.compile(_DOTTED)
_PLAIN = re.compile(rf'(?:{_DOTTED}|"(?:[^"\\]|\\.)*+")@(?:{_DOTTED}|\[[^\[\]]*+\])', re.DOTALL)
_NAMED = re.compile(rf'(?:\s*+(?:{_ATOM}|\.|"[^"\\]*+(?:\\.[^"\\]*+)*+"))++\s*+<{_PLAIN.pattern}>\s*+', re.DOTALL)
_WRITABLE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{3,254}")
_LONGEST_REMEMBERED = 4_096


class _Token(NamedTuple):
    """`kind` is ATOM, QUOTED, LITERAL or the sign itself; `text` is without quotes."""

    kind: str
    text: str


def addresses(value: str) -> tuple[str, ...]:
    """Each address of a list, those in groups too, as it is written without need: local@domain.

    What is no address is passed over. The value has its encoded words, which are no part of the syntax.
    """
    return _remembered(value) if len(value) <= _LONGEST_REMEMBERED else tuple(_read(value))


def is_address(text: str) -> bool:
    """One address and nothing else, as it may be written to (RFC 5321, 4.1.2 and 4.5.3.1.3)."""
    return _WRITABLE.fullmatch(text) is not None and _PLAIN.fullmatch(text) is not None


def outbound(text: str) -> str | None:
    """The address of a mailbox with or without a name, as scripts may write to it (RFC 5228, 2.4.2.3); else None."""
    if not (_PLAIN.fullmatch(text) or _NAMED.fullmatch(text)):
        return None
    found = addresses(text)
    return found[0] if len(found) == 1 and is_address(found[0]) else None


def local_part(address: str) -> str:
    """What stands before the @, without quotes; all of it where there is no @."""
    local, at_sign, rest = address.rpartition("@")
    if not at_sign:
        return rest
    return _ESCAPED.sub(r"\1", local[1:-1]) if local.startswith('"') and local.endswith('"') else local


@lru_cache(maxsize=1024)
def _remembered(value: str) -> tuple[str, ...]:
    return tuple(_read(value))


def _read(value: str) -> Iterator[str]:
    at = 0
    while usual := _USUAL.match(value, at):
        yield usual[1] or usual[2]
        at = usual.end()
        if at == len(value):
            return
    yield from _unusual(value[at:])


def _unusual(value: str) -> Iterator[str]:
    """What `_USUAL` does not cover: groups, comments, routes, quoted local parts, and what is wrong."""
    item: list[_Token] = []
    # RFC 5322, 4.4: a route is to be ignored.
    for token in _tokens(_ROUTE.sub("<", value)):
        if token.kind == ":":
            item.clear()
        elif token.kind in (",", ";"):
            yield from _mailbox(item)
            item.clear()
        else:
            item.append(token)
    yield from _mailbox(item)


def _tokens(value: str) -> Iterator[_Token]:
    at = 0
    while found := _TOKEN.match(value, at):
        at = found.end()
        if found["atom"] is not None:
            yield _Token(ATOM, found["atom"])
        elif found["quoted"] is not None:
            # One without an end makes no word.
            yield _Token(QUOTED if found["closed"] else '"', _ESCAPED.sub(r"\1", found["quoted"]))
        elif found["literal"] is not None:
            yield _Token(LITERAL, found["literal"])
        elif found["sign"] == "(":
            at = _comment_end(value, at)
        else:
            yield _Token(found["sign"], found["sign"])


def _comment_end(value: str, at: int) -> int:
    """The place behind a comment whose inside starts at `at`. Comments nest (RFC 5322, 3.2.2)."""
    depth = 1
    while depth and at < len(value):
        if inside := _IN_COMMENT.match(value, at):
            at = inside.end()
        depth += 1 if value[at : at + 1] == "(" else -1
        at += 1
    return min(at, len(value))


def _mailbox(item: list[_Token]) -> Iterator[str]:
    """The address of one item of a list, if there is one: between angle brackets, or at its beginning."""
    kinds = [token.kind for token in item]
    if "<" in kinds:
        opened = kinds.index("<")
        closed = kinds.index(">", opened) if ">" in kinds[opened:] else opened
        spec, whole = item[opened + 1 : closed], True
    else:
        spec, whole = item, False
    at_sign = next((place for place, token in enumerate(spec) if token.kind == "@"), -1)
    local = _local(spec[:at_sign]) if at_sign > 0 else None
    domain = _domain(spec[at_sign + 1 :], whole) if local else None
    if local and domain:
        yield f"{local}@{domain}"


def _local(words: list[_Token]) -> str | None:
    """Words with dots between them; in front, behind and twice as well, as some have it."""
    between = True
    for word in words:
        if word.kind not in (ATOM, QUOTED, ".") or not (between or word.kind == "."):
            return None
        between = word.kind == "."
    text = "".join([word.text for word in words])
    return text if _DOT_ATOM.fullmatch(text) else '"' + _UNSAFE.sub(r"\\\g<0>", text) + '"'


def _domain(words: list[_Token], whole: bool) -> str | None:
    """Atoms with dots between them, or a literal; what follows them does not count unless this is to be the `whole`."""
    size = 1
    if words and words[0].kind == ATOM:
        while [word.kind for word in words[size : size + 2]] == [".", ATOM]:
            size += 2
    elif not words or words[0].kind != LITERAL:
        return None
    following = words[size : size + 1]
    if following and (whole or following[0].kind == "."):
        return None
    return "".join([word.text for word in words[:size]])


def split_detail(local: str, delimiters: str) -> tuple[str, str | None]:
    """User and detail of a local part, None for one without detail (RFC 5233, 4).

    `delimiters` is a set of characters, as mail systems are told it; the first of them behind a user counts.
    """
    at = min((place for delimiter in delimiters if (place := local.find(delimiter, 1)) > 0), default=-1)
    return (local, None) if at < 0 else (local[:at], local[at + 1 :])
