# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time: how header fields, envelopes and scripts write them (RFC 5260, 4), and their parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
"""RFC 5322, 4.3: every other name of a zone says nothing, and means UTC."""

_MAIL = re.compile(
    rf"(?:(?:{'|'.join(_DAYS)})[ \t]*,)?[ \t]*(?P<day>\d{{1,2}})[ \t]*(?P<month>{'|'.join(_MONTHS)})[ \t]*"
    r"(?P<year>\d{2,4})[ \t]+(?P<hour>\d\d)[ \t]*:[ \t]*(?P<minute>\d\d)(?:[ \t]*:[ \t]*(?P<second>\d\d))?"
    r"[ \t]*(?P<zone>[+-]\d{4}|[A-Z]+)",
    re.IGNORECASE | re.ASCII,
)
_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)T(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.\d+)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-])([01]\d|2[0-3])([0-5]\d)", re.ASCII)
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*+\)")
_MAX_FIELD = 2_000
_JULIAN_ZERO = 678_576


@lru_cache(maxsize=256)
def of_field(value: str) -> datetime | None:
    """The date-time that a field is or, behind the last semicolon, ends with; None where there is none that exists.

    RFC 5260, 4 and RFC 5322, 3.3 and 4.3.
    """
    text = value[-_MAX_FIELD:]
    while (plain := _COMMENT.sub(" ", text)) != text:
        text = plain
    found = _MAIL.fullmatch(text.rpartition(";")[2].strip(" \t"))
    if found is None:
        return None
    year, month = int(found["year"]), _MONTHS.index(found["month"].title()) + 1
    if len(found["year"]) < 4:
        year += 2000 if len(found["year"]) == 2 and year < 50 else 1900
    return _datetime(found, year, month, _mail_zone(found["zone"]))


def of_iso(text: str) -> datetime | None:
    """Of ISO 8601 as RFC 3339, 5.6 has it; the colon in the zone may be missing (RFC 6009, 7.2)."""
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    in_zone = UTC if found["zone"] == "Z" else zone(found["zone"].replace(":", ""))
    return _datetime(found, int(found["year"]), int(found["month"]), in_zone)


def zone(text: str) -> timezone | None:
    """What `:zone` says (RFC 5260, 4.1); None where there is no such offset."""
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-offset if found[1] == "-" else offset)


def shifted(moment: datetime, to: tzinfo | None) -> datetime | None:
    """The same moment in another zone; None where that is out of the calendar."""
    try:
        return moment.astimezone(to)
    except OverflowError:
        return None


def iso(moment: datetime) -> str:
    """RFC 5260, 4.2: an offset of zero is `Z`."""
    offset = _offset(moment)
    local = moment.replace(tzinfo=None, microsecond=0).isoformat()
    return local + ("Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}")


def _mail_zone(text: str) -> timezone | None:
    return timezone(timedelta(hours=_ZONES.get(text.upper(), 0))) if text[0].isalpha() else zone(text)


def _datetime(found: re.Match[str], year: int, month: int, in_zone: timezone | None) -> datetime | None:
    """What there is in the calendar. A leap second is the first one of the next minute."""
    if in_zone is None:
        return None
    second = int(found["second"] or 0)
    try:
        moment = datetime(
            year, month, int(found["day"]), int(found["hour"]), int(found["minute"]), min(second, 59), tzinfo=in_zone
        )
        return moment + timedelta(seconds=1) if second == 60 else moment if second < 60 else None
    except (ValueError, OverflowError):
        return None


def _offset(moment: datetime) -> str:
    seconds = (moment.utcoffset() or timedelta()).total_seconds()
    minutes = int(abs(seconds)) // 60
    return f"{'-' if seconds < 0 and minutes else '+'}{minutes // 60:02}{minutes % 60:02}"


def _weekday(moment: datetime) -> int:
    """0 is Sunday."""
    return moment.isoweekday() % 7


def _for_mail(moment: datetime) -> str:
    """RFC 5322, 3.3; names are English whatever the locale is."""
    day, month = _DAYS[_weekday(moment)], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year:04} {moment:%H:%M:%S} {_offset(moment)}"


PARTS: Mapping[str, Callable[[datetime], str]] = {
    "year": lambda moment: f"{moment.year:04}",
    "month": lambda moment: f"{moment.month:02}",
    "day": lambda moment: f"{moment.day:02}",
    "date": lambda moment: moment.date().isoformat(),
    "julian": lambda moment: str(moment.toordinal() - _JULIAN_ZERO),
    "hour": lambda moment: f"{moment.hour:02}",
    "minute": lambda moment: f"{moment.minute:02}",
    "second": lambda moment: f"{moment.second:02}",
    "time": lambda moment: f"{moment:%H:%M:%S}",
    "iso8601": iso,
    "std11": _for_mail,
    "zone": _offset,
    "weekday": lambda moment: str(_weekday(moment)),
}
"""What a date-part is of a moment (RFC 5260, 4.2)."""
