# SPDX-License-Identifier: GPL-3.0-or-later
"""CAPABILITY, NOOP, CHECK, LOGOUT (RFC 9051, 6.1; RFC 3501, 6.4.1) and ID (RFC 2971)."""

from __future__ import annotations

import logging
from importlib.metadata import version

from ikserver.imap.capabilities import capabilities
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from protocols.imap import responses
from protocols.imap.commands import Capability, Check, Id, Logout, Noop

TOLD_IN_LOG = frozenset({"name", "version", "os", "vendor"})
logger = logging.getLogger("ikserver.imap")


async def capability(session: Session, _command: Capability) -> Ok:
    """RFC 9051, 6.1.1."""
    session.send(responses.capability(capabilities(session)))
    return Ok("CAPABILITY completed")


async def noop(_session: Session, _command: Noop) -> Ok:
    """RFC 9051, 6.1.2: the news that comes with every answer is all that it is for."""
    return Ok("NOOP completed")


async def check(_session: Session, _command: Check) -> Ok:
    """RFC 3501, 6.4.1: nothing here waits for a checkpoint."""
    return Ok("CHECK completed")


async def logout(session: Session, _command: Logout) -> Ok:
    """RFC 9051, 6.1.3."""
    session.unselect()
    session.untagged("good-bye", status="BYE")
    session.logged_out = True
    return Ok("LOGOUT completed")


async def client_id(session: Session, command: Id) -> Ok:
    """RFC 2971, 3.1."""
    told = {name.lower(): value for name, value in command.fields if name.lower() in TOLD_IN_LOG}
    logger.info("imap-client", extra={"fields": {"session": session.id, **told}})
    session.send(responses.server_id({"name": "ikserver", "version": version("ikserver")}))
    return Ok("ID completed")
