# SPDX-License-Identifier: GPL-3.0-or-later
"""When something that is wrong is told: when it begins, when it gets worse or better, once a day, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

CALM_SECONDS = 600.0
"""What is better for so long is better: a value around its threshold is told once."""
REMINDER_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that is wrong. `subject` names what was looked at; a higher `rank`, from 1 on, is worse."""

    subject: str
    rank: int
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert that stands: when it began, when it was last as bad as it is, and when that was told; Unix seconds."""

    alert: Alert
    since: float
    seen: float
    told: float


class Turn(Enum):
    """What there is to tell."""

    BEGUN = "begun"
    WORSE = "worse"
    BETTER = "better"
    STILL = "still"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class News:
    """`standing` is as it was before where the alert has ended."""

    turn: Turn
    standing: Standing


def judge(before: Standing | None, found: Alert | None, now: float) -> tuple[Standing | None, News | None]:
    """What stands of one subject after a look that found this alert, or none, and what is to be told of it."""
    if before is None:
        return _begun(found, now)
    rank = found.rank if found else 0
    if rank < before.alert.rank and now - before.seen < CALM_SECONDS:
        return before, None
    if found is None:
        return None, News(Turn.ENDED, before)
    turn = _turn(before, rank, now)
    after = Standing(found, before.since, now, now)
    return (after, News(turn, after)) if turn else (replace(after, told=before.told), None)


def _begun(found: Alert | None, now: float) -> tuple[Standing | None, News | None]:
    if found is None:
        return None, None
    standing = Standing(found, now, now, now)
    return standing, News(Turn.BEGUN, standing)


def _turn(before: Standing, rank: int, now: float) -> Turn | None:
    if rank != before.alert.rank:
        return Turn.WORSE if rank > before.alert.rank else Turn.BETTER
    return Turn.STILL if now - before.told >= REMINDER_SECONDS else None
