# SPDX-License-Identifier: GPL-3.0-or-later
"""CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 9051, 6.3.4 to 6.3.8; RFC 6154, 3)."""

from __future__ import annotations

from ikserver.imap.errors import Refused
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from ikserver.model.mail import SpecialUse
from protocols.imap.commands import Create, Delete, Rename, Subscribe, Unsubscribe
from protocols.imap.mailbox_names import DELIMITER
from protocols.imap.responses import list_line

USES = {use.value.lower(): use for use in SpecialUse}


async def create(session: Session, command: Create) -> Ok:
    """RFC 9051, 6.3.4: a delimiter at the end only says that there will be children."""
    await session.store.create(command.mailbox.removesuffix(DELIMITER), _special_use(command.special_use))
    return Ok("CREATE completed")


def _special_use(attributes: tuple[str, ...]) -> SpecialUse | None:
    """RFC 6154, 3: one that cannot be given is refused with USEATTR."""
    uses = {USES.get(attribute.lower()) for attribute in attributes}
    if len(uses) > 1 or None in uses:
        raise Refused("a mailbox has one special use, and it must be a known one", "USEATTR")
    return next(iter(uses), None)


async def delete(session: Session, command: Delete) -> Ok:
    """RFC 9051, 6.3.5. A client that deletes the mailbox it has open has it open no more."""
    mailbox = await session.store.mailbox(command.mailbox)
    await session.store.delete(command.mailbox)
    if session.view is not None and session.view.id == mailbox.id:
        session.unselect()
        session.untagged("the selected mailbox was deleted", "CLOSED")
    return Ok("DELETE completed")


async def rename(session: Session, command: Rename) -> Ok:
    """RFC 9051, 6.3.6; with OLDNAME for those who enabled IMAP4rev2 (RFC 9051, 6.3.9.7)."""
    new = command.new_name.removesuffix(DELIMITER)
    await session.store.rename(command.mailbox, new)
    if session.rev2 and command.mailbox != "INBOX":
        session.send(list_line(new, (), utf8=True, old_name=command.mailbox))
    return Ok("RENAME completed")


async def subscribe(session: Session, command: Subscribe) -> Ok:
    """RFC 9051, 6.3.7. Names that do not exist may be subscribed to: the mailbox may come back."""
    await session.store.subscribe(command.mailbox.removesuffix(DELIMITER), True)
    return Ok("SUBSCRIBE completed")


async def unsubscribe(session: Session, command: Unsubscribe) -> Ok:
    """RFC 9051, 6.3.8."""
    await session.store.subscribe(command.mailbox.removesuffix(DELIMITER), False)
    return Ok("UNSUBSCRIBE completed")
