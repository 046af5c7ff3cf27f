# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes in memory: one `LiveMailbox` shared by all sessions of this process that have it open.

What is in memory is a function of the database: after any commit, of this process or another, the same `refresh`
reads the pages whose mod-sequence is higher than the known one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ikserver.model.ids import MailboxId, ModSeq
from ikserver.model.mail import Flags, Mailbox
from ikserver.store.embedded.mail import mailboxes, pages
from ikserver.store.embedded.mail.columns import Columns, unpack
from ikserver.store.embedded.mail.connections import AccountDatabase
from ikserver.store.embedded.mail.flags import FlagTable
from ikserver.store.embedded.mail.reader import Reader


class LiveMailbox:
    """The columns of one mailbox. `stamp` grows whenever they, or the mailbox row, change."""

    def __init__(self, db: sqlite3.Connection, mailbox: MailboxId) -> None:
        """Reads the whole mailbox through any connection: for a thread."""
        self.columns = Columns()
        self.stamp = 0
        self._page_modseqs: dict[int, ModSeq] = {}
        self._version = -1
        self.mailbox = mailboxes.by_id(db, mailbox)
        self._update(db, self.mailbox, ModSeq(0))

    def refresh(self, reader: Reader) -> int:
        """Follow the last commit; returns `stamp`. Raises NoSuchMailbox."""
        version = reader.version()
        if version != self._version:
            with reader.snapshot() as db:
                reader.flags.refresh(db)
                now = mailboxes.by_id(db, self.mailbox.id)
                if now != self.mailbox:
                    self._update(db, now, self.mailbox.highest_modseq)
                    # Only now: had the update failed, the next one would start from the same place.
                    self.mailbox = now
                    self.stamp += 1
            self._version = version
        return self.stamp

    def changed_since(self, modseq: ModSeq) -> list[int]:
        """Rows with a higher mod-sequence, ascending."""
        rows: list[int] = []
        for page, highest in self._page_modseqs.items():
            if highest > modseq:
                start, end = self.columns.span(page)
                modseqs = self.columns.modseqs[start:end]
                if modseqs.count(highest) == len(modseqs):
                    rows += range(start, end)
                else:
                    rows += [row for row, one in enumerate(modseqs, start) if one > modseq]
        return rows

    def _update(self, db: sqlite3.Connection, mailbox: Mailbox, since: ModSeq) -> None:
        """Bring the columns to what `mailbox` tells: replace pages that changed after `since`, drop those that went."""
        changed = dict(pages.read_changed(db, mailbox.id, since))
        if self._length_with(changed) != mailbox.messages:
            gone = self._page_modseqs.keys() - pages.numbers(db, mailbox.id)
            changed = dict(sorted((changed | dict.fromkeys(gone, Columns())).items()))
        if all(self._only_grew(page, rows) for page, rows in changed.items()):
            for page, rows in changed.items():
                self._grow(page, rows)
        else:
            self.columns = self._rebuilt(changed)
        marks = "SELECT page, modseq, flagsets, modseqs FROM marks WHERE mailbox = ? AND modseq > ? ORDER BY page"
        for page, modseq, flagsets, modseqs in db.execute(marks, (mailbox.id, since)):
            self._page_modseqs[page] = modseq
            if page not in changed:
                start, end = self.columns.span(page)
                self.columns.flagsets[start:end] = unpack("H", flagsets)
                self.columns.modseqs[start:end] = unpack("Q", modseqs)

    def _length_with(self, changed: dict[int, Columns]) -> int:
        length = len(self.columns)
        for page, rows in changed.items():
            start, end = self.columns.span(page)
            length += len(rows) - (end - start)
        return length

    def _only_grew(self, page: int, rows: Columns) -> bool:
        start, end = self.columns.span(page)
        return rows.uids[: end - start] == self.columns.uids[start:end]

    def _grow(self, page: int, rows: Columns) -> None:
        """Messages came to the last page: the columns stay the same object."""
        start, end = self.columns.span(page)
        self.columns.flagsets[start:end] = rows.flagsets[: end - start]
        self.columns.modseqs[start:end] = rows.modseqs[: end - start]
        self.columns.extend(rows, end - start)

    def _rebuilt(self, changed: dict[int, Columns]) -> Columns:
        """Messages went: views that count on the old columns keep them."""
        columns, done = Columns(), 0
        for page, rows in changed.items():
            start, end = self.columns.span(page)
            columns.extend(self.columns, done, start)
            columns.extend(rows)
            done = end
            if not rows:
                del self._page_modseqs[page]
        columns.extend(self.columns, done)
        return columns


class OpenMailbox:
    """One session's handle of a live mailbox."""

    __slots__ = ("_database", "_live", "_stamp")

    def __init__(self, live: LiveMailbox, database: AccountDatabase) -> None:
        self._live = live
        self._database = database
        self._stamp = live.refresh(database.reader)

    @property
    def mailbox(self) -> Mailbox:
        return self._live.mailbox

    @property
    def columns(self) -> Columns:
        return self._live.columns

    def flags(self, flagset: int) -> Flags:
        return self._table().flags[flagset]

    def flags_wire(self) -> Sequence[bytes]:
        return self._table().wire

    def keywords(self) -> Sequence[str]:
        return self._table().keywords

    def refresh(self) -> bool:
        stamp = self._live.refresh(self._database.reader)
        news, self._stamp = stamp != self._stamp, stamp
        return news

    def changed_since(self, modseq: ModSeq) -> Sequence[int]:
        return self._live.changed_since(modseq)

    def close(self) -> None:
        """Nothing to do: the live mailbox goes with its last handle."""

    def _table(self) -> FlagTable:
        return self._database.reader.flags
