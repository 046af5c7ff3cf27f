# SPDX-License-Identifier: GPL-3.0-or-later
"""Combinations of flags as numbers: interned in the account's database, rendered once in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from ikserver.model.mail import DELETED, SEEN, SYSTEM_FLAGS, FlagChange, FlagMode, Flags
from ikserver.store.api.errors import CannotChange

MAX_KEYWORDS = 1_000
MAX_FLAGSETS = 65_535
"""A column of flagsets has 16 bits a message."""


class FlagTable:
    """The reader's side: what the numbers mean. Rows are only added to the database, so this only grows."""

    def __init__(self) -> None:
        self.flags: list[Flags] = []
        self.wire: list[bytes] = []
        self.keywords: list[str] = []

    def refresh(self, db: sqlite3.Connection) -> None:
        """Learn the combinations and keywords that are new."""
        for (text,) in db.execute("SELECT flags FROM flagsets WHERE id >= ? ORDER BY id", (len(self.flags),)):
            self.flags.append(frozenset(text.split()))
            self.wire.append(f"({text})".encode())
        known = len(self.keywords)
        self.keywords += [
            name for (name,) in db.execute("SELECT name FROM keywords WHERE id > ? ORDER BY id", (known,))
        ]

    def having(self, flag: str) -> set[int]:
        """Numbers of the combinations with `flag`, compared without case."""
        folded = flag.lower()
        return {n for n, flags in enumerate(self.flags) if any(folded == name.lower() for name in flags)}


@dataclass(frozen=True, slots=True)
class Flagset:
    """One combination as the counters of a mailbox see it."""

    id: int
    flags: Flags
    seen: bool
    deleted: bool


class Interning:
    """The writer's side, for one transaction: what another one interned is never taken for granted."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._by_id: dict[int, Flagset] = {}

    def flagset(self, number: int) -> Flagset:
        """Look a number up."""
        if number not in self._by_id:
            (text,) = self._db.execute("SELECT flags FROM flagsets WHERE id = ?", (number,)).fetchone()
            self._remember(number, frozenset(text.split()))
        return self._by_id[number]

    def intern(self, flags: Iterable[str]) -> Flagset:
        """The number of a combination, a new one if need be. Raises CannotChange when there are too many."""
        spelled = frozenset(map(self._spelled, flags))
        if not spelled:
            return self._remember(0, spelled)
        system = [flag for flag in SYSTEM_FLAGS if flag in spelled]
        text = " ".join(system + sorted(spelled.difference(system)))
        row = self._db.execute("SELECT id FROM flagsets WHERE flags = ?", (text,)).fetchone()
        return self._remember(row[0] if row else self._insert(text), spelled)

    def changed(self, number: int, change: FlagChange) -> Flagset:
        """What a combination becomes."""
        before = self.flagset(number).flags
        match change.mode:
            case FlagMode.REPLACE:
                return self.intern(change.flags)
            case FlagMode.ADD:
                return self.intern(before.union(map(self._spelled, change.flags)))
            case FlagMode.REMOVE:
                gone = {flag.lower() for flag in change.flags}
                return self.intern(flag for flag in before if flag.lower() not in gone)

    def _remember(self, number: int, flags: Flags) -> Flagset:
        return self._by_id.setdefault(number, Flagset(number, flags, SEEN in flags, DELETED in flags))

    def _insert(self, text: str) -> int:
        (number,) = self._db.execute("SELECT max(id) + 1 FROM flagsets").fetchone()
        if number > MAX_FLAGSETS:
            raise CannotChange("too many different combinations of flags")
        self._db.execute("INSERT INTO flagsets VALUES (?, ?)", (number, text))
        return int(number)

    def _spelled(self, flag: str) -> str:
        """A flag as the account spells it: keywords keep the spelling of their first use."""
        if flag in SYSTEM_FLAGS:
            return flag
        if not flag or not flag.isascii() or not flag.isprintable() or set(flag) & set('\\ (){%*"]'):
            raise CannotChange(f"{flag!r} is not a keyword")
        row = self._db.execute("SELECT name FROM keywords WHERE name = ?", (flag,)).fetchone()
        return str(row[0]) if row else self._new_keyword(flag)

    def _new_keyword(self, name: str) -> str:
        (count,) = self._db.execute("SELECT count(*) FROM keywords").fetchone()
        if count >= MAX_KEYWORDS:
            raise CannotChange("too many different keywords")
        self._db.execute("INSERT INTO keywords (name) VALUES (?)", (name,))
        return name
