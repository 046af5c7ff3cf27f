# SPDX-License-Identifier: GPL-3.0-or-later
"""STATUS (RFC 9051, 6.3.11; RFC 3501, 6.3.10; RFC 7162, 3.1.7; RFC 7889, 3.1; RFC 8438, 2; RFC 9208, 4.1.4)."""

from __future__ import annotations

from collections.abc import Iterable

from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from ikserver.imap.verbs.enable import enable_condstore
from ikserver.model.mail import DELETED, Mailbox
from protocols.imap import responses
from protocols.imap.commands import Status


async def status(session: Session, command: Status) -> Ok:
    """RFC 9051, 6.3.11: of the selected mailbox too, where some clients ask it."""
    mailbox = await session.store.mailbox(command.mailbox)
    session.send(await status_line(session, mailbox, command.items))
    return Ok("STATUS completed")


async def status_line(session: Session, mailbox: Mailbox, items: Iterable[str]) -> bytes:
    """The STATUS response, also for LIST (RFC 5819, 2)."""
    values: dict[str, int | None] = {
        "MESSAGES": mailbox.messages,
        "UIDNEXT": mailbox.uidnext,
        "UIDVALIDITY": mailbox.uidvalidity,
        "UNSEEN": mailbox.unseen,
        "DELETED": mailbox.deleted,
        "SIZE": mailbox.size,
        "RECENT": 0,
        "HIGHESTMODSEQ": mailbox.highest_modseq,
        "APPENDLIMIT": session.limits.message_size,
    }
    asked = {}
    for item in items:
        if item == "HIGHESTMODSEQ":
            enable_condstore(session)
        asked[item] = await _deleted_storage(session, mailbox) if item == "DELETED-STORAGE" else values[item]
    return responses.status(mailbox.name, asked, utf8=session.rev2)


async def _deleted_storage(session: Session, mailbox: Mailbox) -> int:
    r"""RFC 9208, 4.1.4: octets that EXPUNGE would give back."""
    if not mailbox.deleted:
        return 0
    opened = await session.store.open(mailbox.name)
    try:
        columns = opened.columns
        deleted = {number for number in set(columns.flagsets) if DELETED in opened.flags(number)}
        return sum(size for size, number in zip(columns.sizes, columns.flagsets, strict=True) if number in deleted)
    finally:
        opened.close()
