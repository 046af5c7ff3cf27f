# SPDX-License-Identifier: GPL-3.0-or-later
"""AUTHENTICATE (RFC 5804, 2.1)."""

from __future__ import annotations

import asyncio
import logging

from ikserver.accounts.api import Login, LoginRefused
from ikserver.managesieve.capabilities import mechanisms
from ikserver.managesieve.errors import Refused
from ikserver.managesieve.reply import Ok
from ikserver.managesieve.session import Session
from protocols.managesieve.commands import Authenticate
from protocols.managesieve.responses import string
from protocols.sasl import Challenge, Credentials, Step, UnknownMechanism, Verified, VerifierWanted, start
from protocols.sasl.transfer import decode_response, encode

logger = logging.getLogger("ikserver.managesieve")


async def authenticate(session: Session, command: Authenticate) -> Ok:
    """RFC 5804, 2.1."""
    if not session.may_login:
        raise Refused("use TLS first", "ENCRYPT-NEEDED")
    if command.mechanism not in mechanisms(session):
        raise UnknownMechanism("this mechanism is not offered")
    # An empty string is an empty response here, unlike in IMAP and SMTP, where `=` is.
    initial = None if command.initial is None else decode_response(command.initial)
    try:
        login = await _who(session, start(command.mechanism, initial))
    except LoginRefused as refused:
        await _after_failure(session, refused)
        raise
    session.sign_in(login)
    return Ok("logged in")


async def _who(session: Session, step: Step[Login]) -> Login:
    """Walk through the steps of a mechanism. Raises LoginRefused, SaslError."""
    authenticator, peer = session.backend.authenticator, session.wire.peer
    while True:
        match step:
            case Challenge(data, respond):
                session.send(string(encode(data)) + b"\r\n")
                step = respond(decode_response(await session.response()))
            case VerifierWanted(user, supply):
                step = supply(await authenticator.scram(user, peer))
            case Credentials(user, password):
                return await authenticator.password(user, password, peer)
            case Verified(login):
                return login


async def _after_failure(session: Session, refused: LoginRefused) -> None:
    """Guessing shall be slow, and end. The name is not logged: some people type their password there."""
    session.failures += 1
    fields = {"session": session.id, "peer": session.wire.peer, "reason": str(refused)}
    logger.info("managesieve-login-refused", extra={"fields": fields})
    await asyncio.sleep(session.limits.failure_delay)
