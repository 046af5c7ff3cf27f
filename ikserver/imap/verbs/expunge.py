# SPDX-License-Identifier: GPL-3.0-or-later
"""EXPUNGE and UID EXPUNGE (RFC 9051, 6.4.3; RFC 4315, 2.1)."""

from __future__ import annotations

from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from protocols.imap import codes
from protocols.imap.commands import Expunge


async def expunge(session: Session, command: Expunge) -> Ok:
    """The EXPUNGE responses are the news that goes before the tagged OK."""
    view = session.writable
    uids = None if command.uids is None else view.uids_of(view.rows(command.uids, uid=True))
    expunged = await session.store.expunge(view.id, uids)
    # RFC 7162, 3.2.9: the client learns up to where its cache is now complete.
    return Ok("EXPUNGE completed", codes.highest_modseq(expunged.modseq) if session.condstore else None)
