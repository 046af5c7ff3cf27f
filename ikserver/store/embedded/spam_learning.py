# SPDX-License-Identifier: GPL-3.0-or-later
"""Counting words: a lesson and its contrary. Runs inside a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from ikserver.model.ids import AccountId, OrganisationId
from ikserver.model.spam import Household, Lesson

_LESSON = "UPDATE spam_owners SET spam = spam + ?, ham = ham + ?, mark = random() WHERE id = ?"
_COUNT = """
    INSERT INTO spam_tokens VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET spam = spam + excluded.spam, ham = ham + excluded.ham
"""
_UNCOUNT = "UPDATE spam_tokens SET spam = max(0, spam + ?), ham = max(0, ham + ?) WHERE owner = ? AND token = ?"
_DROP = "DELETE FROM spam_tokens WHERE owner = ? AND token = ? AND spam = 0 AND ham = 0"


def owner_of(
    db: sqlite3.Connection, *, account: AccountId | None = None, organisation: OrganisationId | None = None
) -> int:
    """The row of an address or an organisation, made when it is missing."""
    db.execute("INSERT OR IGNORE INTO spam_owners (account, organisation) VALUES (?, ?)", (account, organisation))
    query = "SELECT id FROM spam_owners WHERE account = ? OR organisation = ?"
    return int(db.execute(query, (account, organisation)).fetchone()[0])


def learn(db: sqlite3.Connection, household: Household, lessons: Sequence[Lesson]) -> list[bool | None]:
    """How each message was learned before."""
    owners = [owner_of(db, account=household.account), owner_of(db, organisation=household.organisation)]
    return [_learn_one(db, household.account, owners, lesson) for lesson in lessons]


def _learn_one(db: sqlite3.Connection, account: AccountId, owners: Sequence[int], lesson: Lesson) -> bool | None:
    key = (account, lesson.body)
    row = db.execute("SELECT spam FROM spam_learned WHERE account = ? AND body = ?", key).fetchone()
    before = None if row is None else bool(row[0])
    if before == lesson.spam:
        return before
    if before is not None:
        _count(db, owners, lesson.tokens, spam=before, step=-1)
        db.execute("DELETE FROM spam_learned WHERE account = ? AND body = ?", key)
    if lesson.spam is not None:
        _count(db, owners, lesson.tokens, spam=lesson.spam, step=1)
        db.execute("INSERT INTO spam_learned VALUES (?, ?, ?)", (*key, lesson.spam))
    return before


def _count(db: sqlite3.Connection, owners: Sequence[int], tokens: Iterable[int], *, spam: bool, step: int) -> None:
    steps = (step, 0) if spam else (0, step)
    for owner in owners:
        db.execute(_LESSON, (*steps, owner))
        keys = [(owner, token) for token in tokens]
        if step > 0:
            db.executemany(_COUNT, [(*key, *steps) for key in keys])
        else:
            db.executemany(_UNCOUNT, [(*steps, *key) for key in keys])
            db.executemany(_DROP, keys)
