# SPDX-License-Identifier: GPL-3.0-or-later
"""COPY and MOVE (RFC 9051, 6.4.7 and 6.4.8; RFC 4315, 3; RFC 6851)."""

from __future__ import annotations

from ikserver.imap.errors import Refused
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from ikserver.model.mail import Copied, Mailbox
from ikserver.store.api.errors import NoSuchMailbox
from protocols.imap import codes
from protocols.imap.commands import Copy, Move


async def copy(session: Session, command: Copy) -> Ok:
    """RFC 9051, 6.4.7."""
    view = session.selected
    uids = view.uids_of(view.rows(command.numbers, uid=command.uid))
    target = await find_target(session, command.mailbox)
    if not uids:
        return Ok("nothing to copy")
    copied = await session.store.copy(view.id, uids, target.id)
    session.backend.moves.moved(session.store.account, view.opened.mailbox, target, copied.target)
    return Ok("COPY completed", _copy_uid(copied))


async def move(session: Session, command: Move) -> Ok:
    """RFC 6851, 4.3: COPYUID comes before the EXPUNGE responses, so it goes with an untagged OK."""
    view = session.writable
    uids = view.uids_of(view.rows(command.numbers, uid=command.uid))
    target = await find_target(session, command.mailbox)
    if not uids:
        return Ok("nothing to move")
    copied, expunged = await session.store.move(view.id, uids, target.id)
    session.backend.moves.moved(session.store.account, view.opened.mailbox, target, copied.target)
    code = _copy_uid(copied)
    if code is not None:
        session.untagged("moved", code)
    return Ok("MOVE completed", codes.highest_modseq(expunged.modseq) if session.condstore else None)


async def find_target(session: Session, name: str) -> Mailbox:
    """The mailbox that messages shall go to. RFC 9051, 6.4.7: TRYCREATE when it is not there."""
    try:
        return await session.store.mailbox(name)
    except NoSuchMailbox as error:
        raise Refused(str(error), "TRYCREATE") from error


def _copy_uid(copied: Copied) -> str | None:
    """RFC 4315, 3: nothing to tell where all messages were gone already."""
    return codes.copy_uid(copied.uidvalidity, copied.source, copied.target) if copied.source else None
