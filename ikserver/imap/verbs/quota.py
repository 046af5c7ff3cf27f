# SPDX-License-Identifier: GPL-3.0-or-later
"""GETQUOTA, GETQUOTAROOT, SETQUOTA (RFC 9208, 4.1). One quota root, "", holds all mailboxes of an account."""

from __future__ import annotations

from ikserver.imap.errors import Refused
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from protocols.imap import responses
from protocols.imap.commands import GetQuota, GetQuotaRoot, SetQuota

ROOT = ""
UNIT = 1024


async def get_quota(session: Session, command: GetQuota) -> Ok:
    """RFC 9208, 4.1.1."""
    if command.root != ROOT:
        raise Refused("there is no such quota root", "NONEXISTENT")
    await _tell(session)
    return Ok("GETQUOTA completed")


async def get_quota_root(session: Session, command: GetQuotaRoot) -> Ok:
    """RFC 9208, 4.1.2."""
    mailbox = await session.store.mailbox(command.mailbox)
    session.send(responses.quota_root(mailbox.name, [ROOT], utf8=session.rev2))
    await _tell(session)
    return Ok("GETQUOTAROOT completed")


async def set_quota(_session: Session, _command: SetQuota) -> Ok:
    """RFC 9208, 4.1.3: limits are the administrator's to set."""
    raise Refused("quotas are set by the administrator", "NOPERM")


async def _tell(session: Session) -> None:
    usage = await session.store.usage()
    resources = []
    if usage.bytes_limit is not None:
        # RFC 9208, 5.1: STORAGE counts 1,024 octets; what is begun counts.
        resources.append(("STORAGE", -(-usage.bytes // UNIT), usage.bytes_limit // UNIT))
    if usage.messages_limit is not None:
        resources.append(("MESSAGE", usage.messages, usage.messages_limit))
    session.send(responses.quota(ROOT, resources))
