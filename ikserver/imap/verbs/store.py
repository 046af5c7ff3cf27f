# SPDX-License-Identifier: GPL-3.0-or-later
"""STORE and UID STORE (RFC 9051, 6.4.6; RFC 7162, 3.1.3)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from ikserver.imap.fetching.plan import plan
from ikserver.imap.fetching.rows import send_rows
from ikserver.imap.flags import read_flags
from ikserver.imap.news import tell_flags, tell_keywords
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from ikserver.imap.verbs.enable import enable_condstore
from ikserver.imap.view import View, expand
from ikserver.model.ids import ModSeq
from ikserver.model.mail import FlagChange, FlagMode, FlagsStored
from protocols.imap import codes
from protocols.imap.commands import Store
from protocols.imap.fetch import FetchItem, Simple


async def store(session: Session, command: Store) -> Ok:
    """Change flags, tell them unless SILENT, and never tell this client its own change as news."""
    view = session.writable
    change = FlagChange(FlagMode(command.mode), read_flags(command.flags))
    unchanged_since = None
    if command.unchanged_since is not None:
        enable_condstore(session)
        unchanged_since = ModSeq(command.unchanged_since)
    view.opened.refresh()
    spans = view.rows(command.numbers, uid=command.uid)
    uids = view.uids_of(spans)
    if unchanged_since is None and not view.is_altered_by(change, spans):
        # Clients flag again and again what is flagged: that writes nothing, and waits for no disk.
        stored = FlagsStored((), (), view.opened.mailbox.highest_modseq)
    else:
        stored = await session.store.store_flags(view.id, uids, change, unchanged_since)
        view.opened.refresh()
    tell_keywords(session)
    others = view.take_changed_by_others(stored)
    if others:
        await tell_flags(session, others)
    await _tell_own(session, view, command, uids, stored)
    if not stored.refused:
        return Ok("STORE completed")
    refused = stored.refused if command.uid else [bisect_left(view.columns.uids, uid) + 1 for uid in stored.refused]
    return Ok("some messages had been changed", codes.modified(refused))


async def _tell_own(session: Session, view: View, command: Store, uids: Sequence[int], stored: FlagsStored) -> None:
    """Flags of what was asked for and not refused, after .SILENT nothing of them.

    RFC 7162, 3.1.3: with CONDSTORE each change gets its mod-sequence told, also after .SILENT.
    """
    items: list[FetchItem] = [Simple.UID] if command.uid or session.condstore else []
    if not command.silent:
        items.append(Simple.FLAGS)
        if stored.refused:
            refused = set(stored.refused)
            uids = [uid for uid in uids if uid not in refused]
    elif session.condstore:
        uids = stored.changed
    else:
        return
    if session.condstore:
        items.append(Simple.MODSEQ)
    await send_rows(session, expand(view.rows_of(uids)), plan(items))
