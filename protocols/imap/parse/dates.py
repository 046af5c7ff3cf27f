# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates of SEARCH and APPEND (RFC 9051, 9: date, date-time)."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone

from protocols.imap.lexer import Lexer

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_MONTH_NUMBERS = {name.lower().encode(): number for number, name in enumerate(MONTHS, 1)}
_MONTH = rb"-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-"
_DATE = re.compile(rb'\d{1,2}%b\d{4}|"\d{1,2}%b\d{4}"' % (_MONTH, _MONTH), re.IGNORECASE)
_DATE_TIME = re.compile(rb'" ?(\d{1,2}%b\d{4} \d\d:\d\d:\d\d [+-]\d{4})"' % _MONTH, re.IGNORECASE)


def day(lexer: Lexer) -> date:
    """`1-Feb-2026`, in quotes or not."""
    start = lexer.at
    try:
        return _day(lexer.take(_DATE, "a date such as 1-Feb-2026").strip(b'"'))
    except ValueError:
        lexer.fail("a date that exists", start)


def date_time(lexer: Lexer) -> datetime:
    """`"17-Jul-1996 02:44:25 -0700"`, with its zone. A leap second counts as the one before it."""
    start = lexer.at
    date_text, clock, zone = lexer.take(_DATE_TIME, 'a date such as "17-Jul-1996 02:44:25 -0700"').split(b" ")
    hour, minute, second = (int(part) for part in clock.split(b":"))
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
    try:
        where = timezone(-offset if zone.startswith(b"-") else offset)
        return datetime.combine(_day(date_text), time(hour, minute, 59 if second == 60 else second, tzinfo=where))
    except ValueError:
        lexer.fail("a date and time that exist", start)


def _day(text: bytes) -> date:
    number, month, year = text.split(b"-")
    return date(int(year), _MONTH_NUMBERS[month.lower()], int(number))
