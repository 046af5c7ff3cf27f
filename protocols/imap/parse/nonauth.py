# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands before login (RFC 9051, 6.2)."""

from __future__ import annotations

import re
from base64 import b64decode

from protocols.imap.commands import Authenticate, Login
from protocols.imap.lexer import Lexer

_INITIAL = re.compile(rb"=|[A-Za-z0-9+/]+={0,2}")


def authenticate(tag: str, lexer: Lexer) -> Authenticate:
    """RFC 9051, 6.2.2."""
    lexer.space()
    mechanism = lexer.atom("a mechanism")
    initial = _initial_response(lexer) if lexer.skip(b" ") else None
    return Authenticate(tag, mechanism, initial)


def _initial_response(lexer: Lexer) -> bytes:
    digits = lexer.take(_INITIAL, "an initial response in base64, or '='")
    if digits == b"=":  # RFC 4959, 3: present, but empty
        return b""
    try:
        return b64decode(digits, validate=True)
    except ValueError:
        lexer.fail("whole groups of base64")


def login(tag: str, lexer: Lexer) -> Login:
    """RFC 9051, 6.2.3."""
    lexer.space()
    user = lexer.text("a user name")
    lexer.space()
    return Login(tag, user, lexer.text("a password"))
