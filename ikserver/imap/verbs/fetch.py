# SPDX-License-Identifier: GPL-3.0-or-later
"""FETCH and UID FETCH (RFC 9051, 6.4.5; RFC 7162, 3.1.4 and 3.2.6)."""

from __future__ import annotations

from collections.abc import Sequence

from ikserver.imap.errors import Refused
from ikserver.imap.fetching.plan import plan
from ikserver.imap.fetching.rows import send_rows
from ikserver.imap.news import tell_flags, told_with_flags
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from ikserver.imap.verbs.enable import enable_condstore
from ikserver.imap.view import View, expand
from ikserver.model.ids import ModSeq, Uid
from ikserver.model.mail import SEEN, FlagChange, FlagMode
from protocols.imap import responses
from protocols.imap.commands import Fetch
from protocols.imap.errors import BadCommand
from protocols.imap.fetch import FetchItem, Simple
from protocols.imap.numbers import uids_in


async def fetch(session: Session, command: Fetch) -> Ok:
    """RFC 9051, 6.4.5."""
    if command.vanished and not session.qresync:
        raise BadCommand("QRESYNC must be enabled first")
    if Simple.MODSEQ in command.items or command.changed_since is not None:
        enable_condstore(session)
    view = session.selected
    if command.vanished:
        await _tell_vanished(session, view, command)
    rows = expand(view.rows(command.numbers, uid=command.uid))
    if command.changed_since is not None:
        rows = _changed(view, rows, command.changed_since)
    items = _items(command)
    if plan(items).sets_seen and not view.read_only and await _set_seen(session, view, rows):
        items += told_with_flags(session, Simple.FLAGS) if session.condstore else (Simple.FLAGS,)
    if not await send_rows(session, rows, plan(items)):
        # RFC 2180, 4.1.3: what another client expunged cannot always be read to the end.
        raise Refused("some of the messages are gone", "EXPUNGEISSUED")
    return Ok("FETCH completed")


def _items(command: Fetch) -> tuple[FetchItem, ...]:
    """RFC 9051, 6.4.9: UID FETCH always tells the UID; RFC 7162, 3.1.4.1: CHANGEDSINCE asks for MODSEQ."""
    items = command.items
    if command.uid:
        items = (Simple.UID, *items)
    if command.changed_since is not None:
        items = (*items, Simple.MODSEQ)
    return items


def _changed(view: View, rows: Sequence[int], since: int) -> Sequence[int]:
    modseq = view.modseq if view.stale else view.columns.modseqs.__getitem__
    return [row for row in rows if modseq(row) > since]


async def _tell_vanished(session: Session, view: View, command: Fetch) -> None:
    """RFC 7162, 3.2.6: which of the UIDs are no more, before any FETCH response."""
    delta = await session.store.changes(view.id, ModSeq(command.changed_since or 0))
    uids = sorted(set(delta.vanished).difference(view.uids))
    vanished = uids_in(command.numbers, uids)
    if vanished:
        session.send(responses.vanished(vanished, earlier=True))


async def _set_seen(session: Session, view: View, rows: Sequence[int]) -> bool:
    r"""Whether \Seen was news for any of these messages. That is told in their FETCH responses, so it is no news
    after them."""
    flags = view.opened.flags
    flagsets = view.columns.flagsets
    unseen = [Uid(view.columns.uids[row]) for row in rows if SEEN not in flags(flagsets[row])]
    if not unseen:
        return False
    change = FlagChange(FlagMode.ADD, frozenset({SEEN}))
    stored = await session.store.store_flags(view.id, unseen, change)
    view.opened.refresh()
    others = view.take_changed_by_others(stored)
    if others:
        await tell_flags(session, others)
    return True
