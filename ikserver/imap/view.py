# SPDX-License-Identifier: GPL-3.0-or-later
"""What one client believes of its selected mailbox (RFC 9051, 2.3.1.2 and 5.2)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import chain

from ikserver.model.ids import MailboxId, Uid
from ikserver.model.mail import FlagChange, FlagsStored
from ikserver.store.api.mail import Columns, Opened
from protocols.imap.numbers import NumberSet, number_spans, uid_spans

Span = tuple[int, int]
"""Rows from the first up to, not including, the second."""


class View:
    """Message n of the client is row n - 1 of `columns`, as long as n <= `exists`.

    `columns` are shared and grow; rows from `exists` on are messages that the client has not heard of. When messages
    are expunged `opened.columns` becomes another object, at any time: the view keeps the old one, and so its numbering,
    until the client may be told.
    """

    __slots__ = ("_told", "columns", "exists", "keywords_told", "opened", "read_only", "saved")

    def __init__(self, opened: Opened, *, read_only: bool) -> None:
        self.opened = opened
        self.read_only = read_only
        self.columns: Columns = opened.columns
        self.exists = len(self.columns.uids)
        self.keywords_told = len(opened.keywords())
        self.saved: Sequence[int] = ()  # the UIDs of `$` (RFC 5182, 2.1)
        self._told = opened.mailbox.highest_modseq

    @property
    def id(self) -> MailboxId:
        return self.opened.mailbox.id

    @property
    def uids(self) -> Sequence[int]:
        """UIDs of the messages that the client knows."""
        uids = self.columns.uids
        return uids if len(uids) == self.exists else uids[: self.exists]

    @property
    def stale(self) -> bool:
        """Messages are gone that the client has not been told of."""
        return self.columns is not self.opened.columns

    def close(self) -> None:
        """Let go of the mailbox."""
        self.opened.close()

    def rows(self, numbers: NumberSet, *, uid: bool) -> list[Span]:
        """The rows that a client means. Raises BadCommand for sequence numbers that it cannot know."""
        if numbers.saved:
            return self.rows_of(self.saved)
        return uid_spans(numbers, self.uids) if uid else number_spans(numbers, self.exists)

    def rows_of(self, uids: Iterable[int]) -> list[Span]:
        """The rows of those of the ascending `uids` that the client knows."""
        spans: list[Span] = []
        known = self.columns.uids
        row = 0
        for uid in uids:
            if row < self.exists and known[row] < uid:
                row = bisect_left(known, uid, row, self.exists)
            if row == self.exists:
                break
            if known[row] != uid:
                continue
            if spans and spans[-1][1] == row:
                spans[-1] = (spans[-1][0], row + 1)
            else:
                spans.append((row, row + 1))
            row += 1
        return spans

    def uids_of(self, spans: Sequence[Span]) -> Sequence[Uid]:
        """The UIDs of rows, ascending."""
        known: Sequence[int] = self.columns.uids
        if len(spans) == 1:
            return known[spans[0][0] : spans[0][1]]  # type: ignore[return-value]
        return [Uid(uid) for start, stop in spans for uid in known[start:stop]]

    def flagset(self, row: int) -> int:
        """The flags of a row as of the last refresh, also when the view is stale."""
        return self._now(row, self.columns.flagsets, self.opened.columns.flagsets)

    def is_altered_by(self, change: FlagChange, spans: Iterable[Span]) -> bool:
        """Whether any of these rows would come out with other flags, as of the last refresh."""
        if self.stale:
            numbers = {self.flagset(row) for span in spans for row in range(*span)}
        else:
            numbers = {number for start, stop in spans for number in set(self.columns.flagsets[start:stop])}
        return any(change.alters(self.opened.flags(number)) for number in numbers)

    def modseq(self, row: int) -> int:
        """As `flagset`."""
        return self._now(row, self.columns.modseqs, self.opened.columns.modseqs)

    def _now(self, row: int, mine: Sequence[int], newest: Sequence[int]) -> int:
        if not self.stale:
            return mine[row]
        uid, uids = self.columns.uids[row], self.opened.columns.uids
        found = bisect_left(uids, uid)
        return newest[found] if found < len(uids) and uids[found] == uid else mine[row]

    def take_changed(self) -> list[int]:
        """Rows whose flags changed since the last call, as of the last refresh. They count as told from here on."""
        changed = self.opened.changed_since(self._told)
        self._told = max(self._told, self.opened.mailbox.highest_modseq)
        if not self.stale:
            return list(changed[: bisect_left(changed, self.exists)])
        uids = self.opened.columns.uids
        return list(expand(self.rows_of(uids[row] for row in changed)))

    def take_changed_by_others(self, own: FlagsStored) -> Sequence[int]:
        """As `take_changed`, after a change of this client's own: what it did itself it is told elsewhere."""
        changed = self.take_changed()
        if not own.changed:
            return changed  # so `own.modseq` is that of somebody else's change
        alone = self.opened.mailbox.highest_modseq == own.modseq and len(changed) == len(own.changed)
        if alone and not self.stale:
            return ()
        return [row for row in changed if self.modseq(row) != own.modseq]

    def take_expunged(self) -> list[Span]:
        """Rows that are gone, as of the last refresh. The view is renumbered: the spans speak of rows before that."""
        if not self.stale:
            return []
        spans = gone(self.uids, self.opened.columns.uids)
        self.columns = self.opened.columns
        self.exists -= sum(stop - start for start, stop in spans)
        return spans

    def take_new(self) -> bool:
        """Whether there are messages that the client has not heard of. They exist for it from here on."""
        known, self.exists = self.exists, len(self.columns.uids)
        return self.exists > known


def expand(spans: Sequence[Span]) -> Sequence[int]:
    """All rows of ascending spans; one span costs nothing, however long it is."""
    return range(*spans[0]) if len(spans) == 1 else list(chain.from_iterable(range(*span) for span in spans))


def gone(old: Sequence[int], new: Sequence[int]) -> list[Span]:
    """Rows of `old` that `new` lacks; both ascending. Takes time by runs of gone rows, not by rows.

    Up to the first gone row both are equal, and behind it they nowhere are: so it is found by bisection.
    """
    spans: list[Span] = []
    at = shift = 0
    while at < len(old):
        at = _first_gone(old, new, at, shift)
        if at == len(old):
            break
        stop = bisect_left(old, new[at - shift], at) if at - shift < len(new) else len(old)
        spans.append((at, stop))
        shift += stop - at
        at = stop
    return spans


def _first_gone(old: Sequence[int], new: Sequence[int], start: int, shift: int) -> int:
    def differs(row: int) -> bool:
        return row - shift >= len(new) or old[row] != new[row - shift]

    return bisect_left(range(len(old)), True, start, key=differs)
