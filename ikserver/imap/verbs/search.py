# SPDX-License-Identifier: GPL-3.0-or-later
"""SEARCH and UID SEARCH (RFC 9051, 6.4.4; RFC 4731, 3; RFC 5182, 2; RFC 7162, 3.1.5)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ikserver.imap.criteria import asks_modseq, query
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from ikserver.imap.verbs.enable import enable_condstore
from ikserver.imap.view import View, expand
from protocols.imap import responses
from protocols.imap.commands import Search
from protocols.imap.errors import BadCommand
from protocols.imap.numbers import render


async def search(session: Session, command: Search) -> Ok:
    """RFC 5182, 2.1: a SEARCH that is to SAVE and is refused leaves `$` empty, one that is BAD leaves it as it was."""
    if asks_modseq(command.key):
        enable_condstore(session)
    view = session.selected
    saves = command.returns is not None and "SAVE" in command.returns
    try:
        rows = await _find(session, view, command)
    except BadCommand:
        raise
    except Exception:
        if saves:
            view.saved = ()
        raise
    if saves:
        view.saved = [view.columns.uids[row] for row in _told(rows, command.returns or ())]
    _answer(session, view, command, rows)
    return Ok("SEARCH completed")


async def _find(session: Session, view: View, command: Search) -> Sequence[int]:
    """Rows of the view that match. Messages that the client does not know yet are left out, so are those gone."""
    wanted = query(command.key, view, int(session.backend.clock()))
    opened = view.opened
    columns = opened.columns
    rows = await session.store.search(opened, wanted)
    if columns is not view.columns:
        return expand(view.rows_of(columns.uids[row] for row in rows))
    return rows if not rows or rows[-1] < view.exists else [row for row in rows if row < view.exists]


def _told(rows: Sequence[int], returns: Collection[str]) -> Sequence[int]:
    """The messages that an answer speaks of: with MIN or MAX, and neither ALL nor COUNT, only those.

    They are what is saved (RFC 5182, 2.4) and whose mod-sequence counts (RFC 4731, 3.2).
    """
    if not rows or "ALL" in returns or "COUNT" in returns or not {"MIN", "MAX"} & set(returns):
        return rows
    ends = ([rows[0]] if "MIN" in returns else []) + ([rows[-1]] if "MAX" in returns else [])
    return sorted(set(ends))


def _answer(session: Session, view: View, command: Search, rows: Sequence[int]) -> None:
    """The old SEARCH response, or ESEARCH for who asked by RETURN or enabled IMAP4rev2."""
    uids = view.columns.uids
    numbers = [uids[row] for row in rows] if command.uid else [row + 1 for row in rows]
    told = _told(rows, command.returns or ()) if asks_modseq(command.key) else ()
    modseq = max(map(view.modseq, told), default=None)
    if command.returns is None and not session.rev2:
        session.send(responses.search(numbers, modseq))
        return
    returns = command.returns or ("ALL",)
    if returns == ("SAVE",):
        return  # RFC 5182, 2.1: nothing but SAVE asks for no answer
    session.send(responses.esearch(command.tag, _results(numbers, returns, modseq), uid=command.uid))


def _results(numbers: Sequence[int], returns: Collection[str], modseq: int | None) -> dict[str, int | str]:
    """RFC 4731, 3.1: MIN, MAX and ALL are left out when nothing matches."""
    results: dict[str, int | str] = {}
    if numbers and "MIN" in returns:
        results["MIN"] = numbers[0]
    if numbers and "MAX" in returns:
        results["MAX"] = numbers[-1]
    if "COUNT" in returns:
        results["COUNT"] = len(numbers)
    if numbers and "ALL" in returns:
        results["ALL"] = render(numbers)
    if modseq is not None:
        results["MODSEQ"] = modseq
    return results
