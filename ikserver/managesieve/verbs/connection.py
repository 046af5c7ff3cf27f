# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands about the connection itself (RFC 5804, 2.2 to 2.4, 2.13 and 2.14.1)."""

from __future__ import annotations

from ikserver.managesieve.capabilities import capability_lines
from ikserver.managesieve.errors import HangUp, Refused
from ikserver.managesieve.reply import Ok
from ikserver.managesieve.session import Session
from protocols.managesieve.commands import Capability, Logout, Noop, StartTls, Unauthenticate
from protocols.managesieve.responses import coded, status


async def capability(session: Session, command: Capability) -> Ok:
    """RFC 5804, 2.4."""
    session.send(capability_lines(session))
    return Ok()


async def start_tls(session: Session, command: StartTls) -> Ok:
    """RFC 5804, 2.2. Whoever sends more before the handshake may not be the client: the connection ends."""
    if not session.wire.tls_offered:
        raise Refused("TLS is on already" if session.wire.encrypted else "TLS is not offered here")
    if not session.is_quiet:
        raise HangUp("nothing may follow STARTTLS before the handshake")
    session.send(status("OK", "begin the handshake"))
    session.flush()
    await session.wire.start_tls()
    # RFC 5804, 2.2: what was said before could have been altered on its way.
    session.send(capability_lines(session))
    return Ok("TLS is on")


async def noop(session: Session, command: Noop) -> Ok:
    """RFC 5804, 2.13."""
    return Ok("done", None if command.tag is None else coded("TAG", command.tag))


async def unauthenticate(session: Session, command: Unauthenticate) -> Ok:
    """RFC 5804, 2.14.1."""
    session.sign_out()
    return Ok("you are logged out")


async def logout(session: Session, command: Logout) -> Ok:
    """RFC 5804, 2.3."""
    session.send(status("OK", "good-bye"))
    session.hang_up("logout")
    return Ok()
