# SPDX-License-Identifier: GPL-3.0-or-later
"""PLAIN (RFC 4616) and LOGIN: the client sends user name and password as they are. Only for encrypted connections."""

from __future__ import annotations

from protocols.sasl.errors import Malformed, NotAuthorised
from protocols.sasl.steps import Challenge, Credentials, L, Step


def plain(initial: bytes | None) -> Step[L]:
    """RFC 4616, 2: one message of authorisation identity, user name and password."""
    return Challenge(b"", _plain) if initial is None else _plain(initial)


def _plain(message: bytes) -> Step[L]:
    parts = _text(message).split("\0")
    if len(parts) != 3:
        raise Malformed("PLAIN takes three fields with NUL between them")
    authorise, user, password = parts
    if not user or not password:
        raise Malformed("user name and password must not be empty")
    check_authorisation(authorise, user)
    return Credentials(user, password)


def login(initial: bytes | None) -> Step[L]:
    """LOGIN was never standardised and is still what some clients use: user name, then password, each asked for."""
    return Challenge(b"Username:", _login_user) if initial is None else _login_user(initial)


def _login_user(message: bytes) -> Step[L]:
    user = _text(message)
    if not user or "\0" in user:
        raise Malformed("the user name must not be empty")

    def with_password(message: bytes) -> Step[L]:
        password = _text(message)
        if not password or "\0" in password:
            raise Malformed("the password must not be empty")
        return Credentials(user, password)

    return Challenge(b"Password:", with_password)


def check_authorisation(authorise: str, user: str) -> None:
    """Raises NotAuthorised unless the client asks to act as itself."""
    if authorise.casefold() not in ("", user.casefold()):
        raise NotAuthorised("acting as another user is not offered")


def _text(message: bytes) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError as error:
        raise Malformed("user name and password must be UTF-8") from error
