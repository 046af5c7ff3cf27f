# SPDX-License-Identifier: GPL-3.0-or-later
"""The Date field (RFC 5322, 3.3 and 4.3)."""

from __future__ import annotations

import re
from datetime import date

_DATE = re.compile(
    rb"(?:[A-Za-z]++[,.\s]++)?(\d{1,2})[\s-]++([A-Za-z]{3})[A-Za-z]*+[\s-]++(\d{2,4})[,\s]++"
    rb"(\d{1,2})\s*+[:.]\s*+(\d{1,2})(?:\s*+[:.]\s*+(\d{1,2}))?(?:\.\d++)?\s*+([+-]\d{4}|[A-Za-z]{1,5})?"
)
_COMMENT = re.compile(rb"\([^()]*+\)")
_MONTHS = {name: number for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_ZONES = {b"est": -5, b"edt": -4, b"cst": -6, b"cdt": -5, b"mst": -7, b"mdt": -6, b"pst": -8, b"pdt": -7}
_EPOCH = date(1970, 1, 1).toordinal()


def parse_date(value: bytes) -> tuple[int, int] | None:
    """Seconds since the epoch, and the day (`date.toordinal()`) in the zone of the sender; None when it is no date.

    A missing or unknown zone counts as UTC (RFC 5322, 4.3).
    """
    if b"(" in value:
        value = _COMMENT.sub(b" ", value)
    found = _DATE.match(value.strip())
    if found is None:
        return None
    day, month, year, hour, minute, second, zone = found.groups()
    number = _MONTHS.get(month.lower())
    time = int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    if number is None or int(hour) > 23 or int(minute) > 59 or int(second or 0) > 60:
        return None
    try:
        ordinal = date(_year(year), number, int(day)).toordinal()
    except ValueError:
        return None
    return (ordinal - _EPOCH) * 86400 + time - _offset(zone), ordinal


def _year(digits: bytes) -> int:
    """RFC 5322, 4.3: two digits below 50 are of this century, other short years count from 1900."""
    year = int(digits)
    if len(digits) == 2 and year < 50:
        return year + 2000
    return year + 1900 if len(digits) < 4 else year


def _offset(zone: bytes | None) -> int:
    """Seconds east of UTC."""
    if not zone:
        return 0
    if zone[:1] in b"+-":
        seconds = int(zone[1:3]) * 3600 + int(zone[3:5]) * 60
        return -seconds if zone[:1] == b"-" else seconds
    return _ZONES.get(zone.lower(), 0) * 3600
