# SPDX-License-Identifier: GPL-3.0-or-later
"""SELECT, EXAMINE, CLOSE, UNSELECT (RFC 9051, 6.3.2, 6.3.3, 6.4.1, 6.4.2; RFC 7162, 3.1.8 and 3.2.5)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from ikserver.imap.flags import permanent
from ikserver.imap.news import tell_flags
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from ikserver.imap.verbs.enable import enable_condstore
from ikserver.imap.view import View
from ikserver.model.ids import ModSeq
from ikserver.model.mail import SEEN, SYSTEM_FLAGS
from protocols.imap import codes, responses
from protocols.imap.commands import Close, QResync, Select, Unselect
from protocols.imap.errors import BadCommand
from protocols.imap.numbers import NumberSet, uids_in


async def select(session: Session, command: Select) -> Ok:
    """RFC 9051, 6.3.2. A SELECT that fails leaves no mailbox selected."""
    if command.qresync and not session.qresync:
        raise BadCommand("QRESYNC must be enabled first")
    if session.view is not None:
        session.unselect()
        session.untagged("the previous mailbox is closed", "CLOSED")
    if command.condstore:
        enable_condstore(session)
    opened = await session.store.open(command.mailbox)
    view = session.view = View(opened, read_only=command.read_only)
    _describe(session, view)
    if command.qresync and command.qresync.uidvalidity == opened.mailbox.uidvalidity:
        await _resynchronise(session, view, command.qresync)
    return _done(command)


def _done(command: Select) -> Ok:
    return Ok("EXAMINE completed", "READ-ONLY") if command.read_only else Ok("SELECT completed", "READ-WRITE")


def _describe(session: Session, view: View) -> None:
    mailbox, keywords = view.opened.mailbox, view.opened.keywords()
    session.send(responses.flags((*SYSTEM_FLAGS, *keywords)))
    session.untagged("flags that can be kept", codes.permanent_flags(permanent(view, keywords)))
    session.send(responses.exists(view.exists))
    if session.rev2:
        session.send(responses.list_line(mailbox.name, (), utf8=True))
    else:
        session.send(responses.recent(0))
        _tell_first_unseen(session, view)
    session.untagged("UIDs are valid", codes.uidvalidity(mailbox.uidvalidity))
    session.untagged("next UID", codes.uidnext(mailbox.uidnext))
    session.untagged("highest mod-sequence", codes.highest_modseq(mailbox.highest_modseq))


def _tell_first_unseen(session: Session, view: View) -> None:
    """RFC 3501, 6.3.1; IMAP4rev2 has dropped it."""
    if view.opened.mailbox.unseen:
        # All combinations of flags are far fewer than messages: in most mailboxes this ends before it has seen many.
        seen = [SEEN in view.opened.flags(number) for number in range(len(view.opened.flags_wire()))]
        first = next((row for row, number in enumerate(view.columns.flagsets) if not seen[number]), None)
        if first is not None:
            session.untagged("first unseen message", f"UNSEEN {first + 1}")


async def _resynchronise(session: Session, view: View, known: QResync) -> None:
    """What happened since the client was last here (RFC 7162, 3.2.5.1)."""
    since = ModSeq(known.modseq)
    rows = view.opened.changed_since(since)
    delta = await session.store.changes(view.id, since)
    # What was expunged after the view was made is news of a later moment.
    vanished: Sequence[int] = sorted(set(delta.vanished).difference(view.uids))
    if known.known_uids is not None:
        vanished = uids_in(known.known_uids, vanished)
        wanted = set(uids_in(known.known_uids, view.uids))
        rows = [row for row in rows if view.columns.uids[row] in wanted]
    vanished = vanished[bisect_right(vanished, _last_match(view, known)) :]
    if vanished:
        session.send(responses.vanished(vanished, earlier=True))
    await tell_flags(session, rows)


def _last_match(view: View, known: QResync) -> int:
    """The last UID that has the sequence number which the client remembers: up to it nothing is missing.

    RFC 7162, 3.2.5.2.
    """
    matched = 0
    if known.match_numbers is not None and known.match_uids is not None:
        for number, uid in zip(_each(known.match_numbers), _each(known.match_uids), strict=False):
            if number > view.exists:
                break
            if view.columns.uids[number - 1] == uid:
                matched = uid
    return matched


def _each(numbers: NumberSet) -> Iterator[int]:
    return (number for first, last in numbers.ranges for number in range(first, last + 1))


async def close(session: Session, _command: Close) -> Ok:
    """RFC 9051, 6.4.1: messages with \\Deleted go without a word, but not from a mailbox opened by EXAMINE."""
    view = session.selected
    if not view.read_only:
        await session.store.expunge(view.id, None)
    session.unselect()
    return Ok("CLOSE completed")


async def unselect(session: Session, _command: Unselect) -> Ok:
    """RFC 9051, 6.4.2."""
    session.unselect()
    return Ok("UNSELECT completed")
