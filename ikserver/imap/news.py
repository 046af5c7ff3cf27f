# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells a client what happened to its mailbox (RFC 9051, 5.2; RFC 7162, 3.2.10)."""

from __future__ import annotations

from collections.abc import Iterable

from ikserver.imap.session import Session
from ikserver.imap.view import Span, View
from ikserver.model.mail import SYSTEM_FLAGS
from protocols.imap import responses


def tell(session: Session, *, expunges: bool) -> None:
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
    tell_keywords(session, view)
    tell_flags(session, view, changed)
    if view.take_new():
        session.send(responses.exists(view.exists))
        if not session.rev2:
            # RFC 3501, 7.3.2: the two come together. \Recent is never set here.
            session.send(responses.recent(0))


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


def tell_keywords(session: Session, view: View) -> None:
    """FLAGS once more when a keyword was used for the first time (RFC 9051, 7.3.5)."""
    keywords = view.opened.keywords()
    if len(keywords) > view.keywords_told:
        view.keywords_told = len(keywords)
        session.send(responses.flags((*SYSTEM_FLAGS, *keywords)))


def tell_flags(session: Session, view: View, rows: Iterable[int], *, silent: bool = False) -> None:
    r"""FETCH with the flags of rows; with CONDSTORE their mod-sequence, and only that when `silent`.

    UIDs always go with them: RFC 7162, 3.2.4 and RFC 9051, 6.4.9 want them in most cases, and they never harm.
    """
    if silent and not session.condstore:
        return
    flags, uids = view.opened.flags_wire(), view.columns.uids
    for row in rows:
        items = [b"UID %d" % uids[row]]
        if not silent:
            items.append(b"FLAGS %b" % flags[view.flagset(row)])
        if session.condstore:
            items.append(b"MODSEQ (%d)" % view.modseq(row))
        session.send(responses.fetch(row + 1, items))
