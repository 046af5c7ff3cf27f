# SPDX-License-Identifier: GPL-3.0-or-later
"""The ends of a period as people write them; both belong to it (LOG-05)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)?(Z|[+-]\d\d:\d\d)?")


def begins(text: str, zone: tzinfo | None = None) -> int:
    """The first millisecond of a day, minute or second such as "2026-11-24" or "2026-11-24 13:05". Raises ValueError.

    Without an offset it is meant in `zone`, None for that of the machine. Where the clock is put back, a time that
    comes twice begins with the first and ends with the second.
    """
    return _milliseconds(_read(text)[0], zone)


def ends(text: str, zone: tzinfo | None = None) -> int:
    """The last millisecond of it. Raises ValueError."""
    moment, unit = _read(text)
    # The wall clock goes on by a unit, whatever summer time does meanwhile.
    return _milliseconds((moment + unit).replace(fold=1), zone) - 1


def _read(text: str) -> tuple[datetime, timedelta]:
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a time such as 2026-11-24, 2026-11-24T13:05 or 2026-11-24T13:05:30+01:00")
    unit = timedelta(seconds=1) if found[3] else timedelta(minutes=1) if found[2] else timedelta(days=1)
    return datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}{found[3] or ''}{found[4] or ''}"), unit


def _milliseconds(moment: datetime, zone: tzinfo | None) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone) if zone else moment.astimezone()
    return round(moment.timestamp() * 1000)
