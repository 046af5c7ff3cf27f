# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells a client what happened to its mailbox (RFC 9051, 5.2; RFC 7162, 3.2.10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ikserver.imap.fetching.plan import plan
from ikserver.imap.fetching.rows import send_rows
from ikserver.imap.session import Session
from ikserver.imap.view import Span, View
from ikserver.model.mail import SYSTEM_FLAGS
from protocols.imap import responses
from protocols.imap.fetch import Simple


async def tell(session: Session, *, expunges: bool) -> None:
    """Send what is new since the last time. Raises NoSuchMailbox when the mailbox was deleted.

    RFC 9051, 7.5.1: `expunges` is false while a command is answered whose sequence numbers must keep their meaning.
    """
    view = session.view
    if view is None:
        return
    view.opened.refresh()
    if expunges and view.stale:
        tell_expunged(session, view)
    changed = view.take_changed()
    if view.take_new():
        session.send(responses.exists(view.exists))
        if not session.rev2:
            # RFC 3501, 7.3.2: the two come together. \\Recent is never set here.
            session.send(responses.recent(0))
    if changed:
        await tell_flags(session, changed)


def tell_expunged(session: Session, view: View) -> None:
    """EXPUNGE for each message, or one VANISHED (RFC 7162, 3.2.10)."""
    before = view.columns.uids
    spans = view.take_expunged()
    if not spans:
        return
    if session.qresync:
        session.send(responses.vanished([uid for start, stop in spans for uid in before[start:stop]]))
    else:
        session.send(_expunge_lines(spans))


def _expunge_lines(spans: Iterable[Span]) -> bytes:
    """RFC 9051, 7.5.1: each EXPUNGE renumbers those behind it, so a run of n rows is one number n times."""
    lines, done = [], 0
    for start, stop in spans:
        lines.append(responses.expunge(start + 1 - done) * (stop - start))
        done += stop - start
    return b"".join(lines)


async def tell_flags(session: Session, rows: Sequence[int]) -> None:
    """FETCH with the flags of rows, and FLAGS before it when a keyword was used for the first time."""
    tell_keywords(session)
    await send_rows(session, rows, plan(told_with_flags(session, Simple.FLAGS)))


def tell_keywords(session: Session) -> None:
    """RFC 9051, 7.3.5."""
    view = session.selected
    keywords = view.opened.keywords()
    if len(keywords) > view.keywords_told:
        view.keywords_told = len(keywords)
        session.send(responses.flags((*SYSTEM_FLAGS, *keywords)))


def told_with_flags(session: Session, *items: Simple) -> tuple[Simple, ...]:
    """What goes along where the client did not ask itself: the UID, and with CONDSTORE the mod-sequence.

    RFC 7162, 3.2.4 wants both, RFC 9051, 6.4.9 the first in most cases, and it never harms.
    """
    return (Simple.UID, *items, Simple.MODSEQ) if session.condstore else (Simple.UID, *items)
