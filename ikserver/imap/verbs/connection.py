# SPDX-License-Identifier: GPL-3.0-or-later
"""STARTTLS (RFC 9051, 6.2.1) and COMPRESS (RFC 4978, 3): what changes under the conversation."""

from __future__ import annotations

from ikserver.imap.errors import HangUp, Refused
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from protocols.imap.commands import Compress, StartTls
from protocols.imap.errors import BadCommand
from protocols.imap.responses import status_line


async def start_tls(session: Session, command: StartTls) -> Ok | None:
    """Whoever sends more before the handshake may not be the client: the connection ends (RFC 9051, 11.2)."""
    if not session.wire.tls_offered:
        raise BadCommand("TLS is on already" if session.wire.encrypted else "TLS is not offered here")
    if session.host.leftover():
        raise HangUp("nothing may follow STARTTLS before the handshake")
    session.send(status_line("OK", "begin the handshake", tag=command.tag))
    session.flush()
    await session.wire.start_tls()
    return None


async def compress(session: Session, command: Compress) -> Ok | None:
    """RFC 4978, 3."""
    if command.algorithm != "DEFLATE":
        raise BadCommand("only DEFLATE is known")
    if session.wire.compressed:
        raise Refused("DEFLATE is active already", "COMPRESSIONACTIVE")
    session.send(status_line("OK", "DEFLATE active", tag=command.tag))
    session.flush()
    session.wire.compress(session.host.leftover())
    return None
