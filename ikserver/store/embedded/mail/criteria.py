# SPDX-License-Identifier: GPL-3.0-or-later
"""Search criteria that the columns answer (RFC 9051, 6.4.4; RFC 5032, 3; RFC 7162, 3.1.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from ikserver.model.mail import Flags
from ikserver.model.search import HasFlag, InternalDate, InternalDay, ModSeqFrom, SizeIn, UidIn
from ikserver.store.embedded.mail.columns import Columns

EPOCH_DAY = 719_163
"""date(1970, 1, 1).toordinal()"""
_DAY = 86_400
_FAR = 1 << 63

Criterion = HasFlag | UidIn | SizeIn | InternalDate | InternalDay | ModSeqFrom
FlagsOf = Callable[[int], Flags]
"""The flags behind a number of the column `flagsets`."""


def by_columns(criterion: Criterion, columns: Columns, flags: FlagsOf, rows: Sequence[int]) -> Sequence[int]:
    """Those of `rows` that match, in the same order."""
    match criterion:
        case HasFlag(flag):
            return _with_flag(flag.lower(), columns, flags, rows)
        case UidIn(uids):
            wanted, held = set(uids), columns.uids
            return [row for row in rows if held[row] in wanted]
        case SizeIn(above, below):
            return _between(columns.sizes, -1 if above is None else above + 1, below, rows)
        case InternalDate(since, before):
            return _between(columns.dates, since, before, rows)
        case InternalDay(since, before):
            return _between_days(columns, since, before, rows)
        case ModSeqFrom(modseq):
            return _between(columns.modseqs, modseq, None, rows)
        case unknown:
            assert_never(unknown)


def _with_flag(folded: str, columns: Columns, flags: FlagsOf, rows: Sequence[int]) -> Sequence[int]:
    flagsets = columns.flagsets
    having = {number for number in set(flagsets) if any(folded == flag.lower() for flag in flags(number))}
    return [row for row in rows if flagsets[row] in having] if having else []


def _between(column: Sequence[int], low: int | None, high: int | None, rows: Sequence[int]) -> Sequence[int]:
    """`low` included, `high` excluded."""
    low, high = -_FAR if low is None else low, _FAR if high is None else high
    return [row for row in rows if low <= column[row] < high]


def _between_days(columns: Columns, since: int | None, before: int | None, rows: Sequence[int]) -> Sequence[int]:
    """Days in the zone of each message."""
    low = -_FAR if since is None else (since - EPOCH_DAY) * _DAY
    high = _FAR if before is None else (before - EPOCH_DAY) * _DAY
    dates, zones = columns.dates, columns.zones
    return [row for row in rows if low <= dates[row] + 60 * zones[row] < high]
