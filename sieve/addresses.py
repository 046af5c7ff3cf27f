# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses in header fields (RFC 5322, 3.4). What cannot be read is passed over up to the next comma."""

from __future__ import annotations

import re
from functools import lru_cache

_SPACE = r"(?:[ \t\r\n]|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))*+"
_ATOM = r"[^\s()<>\[\]:;@\\,.\"]++"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_WORD = rf"(?:{_ATOM}|{_QUOTED})"
_LOCAL = rf"{_WORD}(?:{_SPACE}\.{_SPACE}{_WORD})*+"
_DOMAIN = rf"(?:{_ATOM}(?:{_SPACE}\.{_SPACE}{_ATOM})*+|\[[^\[\]]*\])"
_ROUTE = rf"(?:@{_SPACE}{_DOMAIN}{_SPACE}[,:]{_SPACE})*+"
_PHRASE = rf"(?:(?:{_WORD}|\.){_SPACE})*?"
_BARE = rf"(?P<local>{_LOCAL}){_SPACE}@{_SPACE}(?P<domain>{_DOMAIN})"
_IN_ANGLES = rf"{_PHRASE}<{_SPACE}{_ROUTE}(?P<local2>{_LOCAL}){_SPACE}@{_SPACE}(?P<domain2>{_DOMAIN}){_SPACE}>"
_MAILBOX = re.compile(rf"{_SPACE}(?:{_BARE}|{_IN_ANGLES}){_SPACE}(?=[,;]|\Z)", re.DOTALL)
_GROUP = re.compile(rf"{_SPACE}(?:{_WORD}{_SPACE})+:", re.DOTALL)
_NEXT = re.compile(r'(?:"(?:[^"\\]|\\.)*+"|[^,;"])*+[,;]?|.', re.DOTALL)
_BLANK = re.compile(_SPACE, re.DOTALL)
_UNQUOTED = re.compile(r"\\(.)", re.DOTALL)
_PLAIN = re.compile(rf"(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})@{_DOMAIN}", re.DOTALL)


@lru_cache(maxsize=1024)
def addresses(value: str) -> tuple[str, ...]:
    """Each address of a list, those in groups too, as local@domain without quotes and comments."""
    found: list[str] = []
    at = 0
    while at < len(value):
        if group := _GROUP.match(value, at):
            at = group.end()
        if mailbox := _MAILBOX.match(value, at):
            local, domain = mailbox["local"] or mailbox["local2"], mailbox["domain"] or mailbox["domain2"]
            found.append(f"{_local(local)}@{_BLANK.sub('', domain)}")
            at = mailbox.end()
        rest = _NEXT.match(value, at)
        at = max(rest.end() if rest else at, at + 1)
    return tuple(found)


def is_address(text: str) -> bool:
    """One address and nothing else, as it may be written to (RFC 5321, 4.1.2)."""
    return _PLAIN.fullmatch(text) is not None


def _local(text: str) -> str:
    text = _BLANK.sub("", text) if '"' not in text else text.strip()
    if text.startswith('"') and text.endswith('"'):
        return _UNQUOTED.sub(r"\1", text[1:-1])
    return text
