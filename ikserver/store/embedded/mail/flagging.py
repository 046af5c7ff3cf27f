# SPDX-License-Identifier: GPL-3.0-or-later
"""STORE (RFC 9051, 6.4.6; RFC 7162, 3.1.3), a page at a time. Runs inside a transaction."""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter
from collections.abc import Sequence

from ikserver.model.ids import MailboxId, ModSeq, Uid
from ikserver.model.mail import FlagChange, FlagsStored
from ikserver.store.embedded.mail import pages
from ikserver.store.embedded.mail.columns import Columns, Wanted, mapped, uid_array
from ikserver.store.embedded.mail.filing import count, modseq_of
from ikserver.store.embedded.mail.flags import Interning


class _Storing:
    """One STORE: what each combination of flags becomes, and how many messages went which way."""

    def __init__(self, flags: Interning, change: FlagChange) -> None:
        self._flags = flags
        self._change = change
        self._after: dict[int, int] = {}
        self._moved: Counter[tuple[int, int]] = Counter()

    def after(self, number: int) -> int:
        """The number of a combination after the change."""
        if number not in self._after:
            self._after[number] = self._flags.changed(number, self._change).id
        return self._after[number]

    def note(self, before: int, times: int) -> None:
        """So many messages went from this combination to its successor."""
        self._moved[before, self._after[before]] += times

    def counters(self) -> dict[str, int]:
        """What this adds to the counters of the mailbox."""
        unseen = deleted = 0
        for (before, after), times in self._moved.items():
            old, new = self._flags.flagset(before), self._flags.flagset(after)
            unseen += (old.seen - new.seen) * times
            deleted += (new.deleted - old.deleted) * times
        return {"unseen": unseen, "deleted": deleted}


def store_flags(
    db: sqlite3.Connection, mailbox: MailboxId, uids: Sequence[Uid], change: FlagChange, unchanged_since: ModSeq | None
) -> FlagsStored:
    """Raises NoSuchMailbox, CannotChange."""
    wanted, storing = Wanted(uids), _Storing(Interning(db), change)
    modseq = ModSeq(modseq_of(db, mailbox) + 1)
    changed, refused = uid_array(), uid_array()
    written: list[tuple[int, Columns]] = []
    for page, rows in pages.read_marks(db, mailbox, wanted.pages()):
        chosen = wanted.among(rows.uids)
        if unchanged_since is not None:
            refused.extend(rows.uids[row] for row in chosen if rows.modseqs[row] > unchanged_since)
            chosen = [row for row in chosen if rows.modseqs[row] <= unchanged_since]
        touched = _store(storing, rows, chosen, modseq)
        if touched:
            written.append((page, rows))
            changed.extend(touched)
    if not changed:
        return FlagsStored(changed, refused, ModSeq(modseq - 1))  # type: ignore[arg-type]
    pages.write_marks(db, mailbox, written, modseq)
    count(db, mailbox, **storing.counters())
    return FlagsStored(changed, refused, modseq)  # type: ignore[arg-type]


def _store(storing: _Storing, rows: Columns, chosen: Sequence[int], modseq: ModSeq) -> array[int]:
    """Change rows of one page in place; returns the UIDs whose flags are other than before."""
    whole = len(chosen) == len(rows)
    before = rows.flagsets if whole else array("H", [rows.flagsets[row] for row in chosen])
    after = {number: storing.after(number) for number in set(before)}
    for number, new in after.items():
        if number != new:
            storing.note(number, before.count(number))
    if whole and all(number != new for number, new in after.items()):
        rows.flagsets = mapped(before, after)
        rows.modseqs = array("Q", [modseq]) * len(rows)
        return rows.uids
    changed = [row for row in chosen if after[rows.flagsets[row]] != rows.flagsets[row]]
    for row in changed:
        rows.flagsets[row] = after[rows.flagsets[row]]
        rows.modseqs[row] = modseq
    return uid_array(rows.uids[row] for row in changed)
