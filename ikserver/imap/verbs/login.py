# SPDX-License-Identifier: GPL-3.0-or-later
"""LOGIN and AUTHENTICATE (RFC 9051, 6.2.2 and 6.2.3; RFC 4959; RFC 5802)."""

from __future__ import annotations

import asyncio
import logging

from ikserver.accounts.api import Login as SignedIn
from ikserver.accounts.api import LoginRefused
from ikserver.imap.capabilities import capabilities
from ikserver.imap.errors import Refused
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from protocols.imap import codes, responses
from protocols.imap.commands import Authenticate, Login
from protocols.sasl import Challenge, Credentials, Step, UnknownMechanism, Verified, VerifierWanted, start
from protocols.sasl.transfer import decode_response, encode

logger = logging.getLogger("ikserver.imap")


async def login(session: Session, command: Login) -> Ok:
    """RFC 9051, 6.2.3."""
    _check_privacy(session)
    return await _sign_in(session, Credentials(command.user, command.password))


async def authenticate(session: Session, command: Authenticate) -> Ok:
    """RFC 9051, 6.2.2."""
    _check_privacy(session)
    if command.mechanism.startswith("SCRAM") and not session.limits.scram:
        raise UnknownMechanism("this mechanism is not offered")
    return await _sign_in(session, start(command.mechanism, command.initial))


def _check_privacy(session: Session) -> None:
    if not session.may_login:
        raise Refused("use TLS first", "PRIVACYREQUIRED")


async def _sign_in(session: Session, step: Step[SignedIn]) -> Ok:
    try:
        signed_in = await _who(session, step)
    except LoginRefused as refused:
        await _after_failure(session, refused)
        raise
    session.host.sign_in(signed_in)
    session.mail = await session.backend.mail_store.mail(signed_in.account)
    return Ok("logged in", codes.capability(capabilities(session)))


async def _who(session: Session, step: Step[SignedIn]) -> SignedIn:
    """Walk through the steps of a mechanism. Raises LoginRefused, SaslError."""
    authenticator, peer = session.backend.authenticator, session.wire.peer
    while True:
        match step:
            case Challenge(data, respond):
                session.send(responses.challenge(encode(data)))
                step = respond(decode_response(await session.host.next_line()))
            case VerifierWanted(user, supply):
                step = supply(await authenticator.scram(user, peer))
            case Credentials(user, password):
                return await authenticator.password(user, password, peer)
            case Verified(signed_in):
                return signed_in


async def _after_failure(session: Session, refused: LoginRefused) -> None:
    """Guessing shall be slow, and end. The name is not logged: some people type their password there."""
    session.failures += 1
    fields = {"session": session.id, "peer": session.wire.peer, "reason": str(refused)}
    logger.info("imap-login-refused", extra={"fields": fields})
    await asyncio.sleep(session.limits.failure_delay)
