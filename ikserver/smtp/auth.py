# SPDX-License-Identifier: GPL-3.0-or-later
"""AUTH (RFC 4954): the steps of protocols/sasl, each a line of the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ikserver.accounts.api import Authenticator, Login, LoginDisabled, LoginLocked, LoginRefused
from protocols import sasl
from protocols.sasl.transfer import decode_initial, decode_response, encode
from protocols.smtp.replies import (
    AUTH_CANCELLED,
    AUTH_DISABLED,
    AUTH_FAILED,
    AUTH_LOCKED,
    AUTH_MALFORMED,
    AUTH_UNKNOWN,
    BAD_SYNTAX,
    Refused,
    Reply,
)

Ask = Callable[[bytes], Awaitable[bytes]]
"""Sends 334 with a challenge in base64 and returns the client's line."""


async def authenticate(argument: str, authenticator: Authenticator, peer: str, ask: Ask, delay: float) -> Login:
    """Run one exchange. A wrong password is told after `delay` seconds. Raises Refused."""
    words = argument.encode().split()
    if not 1 <= len(words) <= 2:
        raise Refused(BAD_SYNTAX)
    try:
        initial = decode_initial(words[1] if len(words) == 2 else None)
        return await _exchange(words[0].decode(), initial, authenticator, peer, ask)
    except sasl.SaslError as error:
        raise Refused(_sasl_reply(error)) from error
    except LoginRefused as error:
        await asyncio.sleep(delay)
        raise Refused(_login_reply(error)) from error


async def _exchange(mechanism: str, initial: bytes | None, authenticator: Authenticator, peer: str, ask: Ask) -> Login:
    step: sasl.Step[Login] = sasl.start(mechanism, initial)
    while True:
        match step:
            case sasl.Challenge():
                step = step.respond(decode_response(await ask(encode(step.data))))
            case sasl.VerifierWanted():
                step = step.supply(await authenticator.scram(step.user, peer))
            case sasl.Credentials():
                return await authenticator.password(step.user, step.password, peer)
            case sasl.Verified():
                return step.login


def _sasl_reply(error: sasl.SaslError) -> Reply:
    match error:
        case sasl.UnknownMechanism():
            return AUTH_UNKNOWN
        case sasl.Cancelled():
            return AUTH_CANCELLED
        case sasl.NotAuthorised():
            return AUTH_FAILED
        case _:
            return AUTH_MALFORMED


def _login_reply(error: LoginRefused) -> Reply:
    match error:
        case LoginLocked():
            return AUTH_LOCKED
        case LoginDisabled():
            return AUTH_DISABLED
        case _:
            return AUTH_FAILED
