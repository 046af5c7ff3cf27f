# SPDX-License-Identifier: GPL-3.0-or-later
"""APPEND (RFC 9051, 6.3.12; RFC 3502; RFC 3516, 4.4; RFC 4315, 3)."""

from __future__ import annotations

from datetime import datetime

from ikserver.imap.flags import read_flags
from ikserver.imap.incoming import take_body
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from ikserver.imap.verbs.copy import find_target
from ikserver.model.mail import NewMessage
from protocols.imap import codes
from protocols.imap.commands import Append, AppendMessage


async def append(session: Session, command: Append) -> Ok:
    """All messages or none (RFC 3502, 6.3.11)."""
    try:
        target = await find_target(session, command.mailbox)
        messages = [await _message(session, message) for message in command.messages]
        stored = await session.store.append(target.id, messages)
    finally:
        for message in command.messages:
            if not isinstance(message.body, bytes):
                message.body.discard()
    return Ok("APPEND completed", codes.append_uid(stored.uidvalidity, stored.uids))


async def _message(session: Session, message: AppendMessage) -> NewMessage:
    flags = read_flags(message.flags)
    body = await take_body(message.body, session.backend.spool, binary=message.binary)
    seconds, zone = _internal_date(message.date, session.backend.clock())
    return NewMessage(body.octets, body.scan, flags, seconds, zone)


def _internal_date(date: datetime | None, now: float) -> tuple[int, int]:
    """Seconds since the epoch and minutes east of UTC (RFC 9051, 6.3.12)."""
    if date is None:
        return int(now), 0
    offset = date.utcoffset()
    return int(date.timestamp()), int(offset.total_seconds()) // 60 if offset else 0
