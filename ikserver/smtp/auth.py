# SPDX-License-Identifier: GPL-3.0-or-later
"""AUTH (RFC 4954): the steps of protocols/sasl, each a line of the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

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


def mechanisms(*, scram: bool) -> Sequence[str]:
    """What EHLO offers."""
    return [name for name in sasl.MECHANISMS if scram or not name.startswith("SCRAM")]


@dataclass(frozen=True, slots=True)
class Exchange:
    """AUTH with one client. `offered` are the mechanisms; a wrong password is told after `delay` seconds."""

    authenticator: Authenticator
    peer: str
    ask: Ask
    offered: Sequence[str]
    delay: float

    async def run(self, argument: str) -> Login:
        """`argument` is what follows AUTH. Raises Refused."""
        words = argument.encode().split()
        if not 1 <= len(words) <= 2:
            raise Refused(BAD_SYNTAX)
        mechanism = words[0].decode().upper()
        if mechanism not in self.offered:
            raise Refused(AUTH_UNKNOWN)
        try:
            return await self._steps(sasl.start(mechanism, decode_initial(words[1] if len(words) == 2 else None)))
        except sasl.SaslError as error:
            raise Refused(_sasl_reply(error)) from error
        except LoginRefused as error:
            await asyncio.sleep(self.delay)
            raise Refused(_login_reply(error)) from error

    async def _steps(self, step: sasl.Step[Login]) -> Login:
        while True:
            match step:
                case sasl.Challenge():
                    step = step.respond(decode_response(await self.ask(encode(step.data))))
                case sasl.VerifierWanted():
                    step = step.supply(await self.authenticator.scram(step.user, self.peer))
                case sasl.Credentials():
                    return await self.authenticator.password(step.user, step.password, self.peer)
                case sasl.Verified():
                    return step.login


def _sasl_reply(error: sasl.SaslError) -> Reply:
    match error:
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
