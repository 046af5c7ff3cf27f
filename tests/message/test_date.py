# SPDX-License-Identifier: GPL-3.0-or-later
"""The Date field."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from protocols.message import scan
from protocols.message.date import parse_date


def seconds(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("value", "sent", "day"),
    [
        (b"Fri, 21 Nov 1997 09:55:06 -0600", seconds(1997, 11, 21, 15, 55, 6), date(1997, 11, 21)),
        (b"Tue, 1 Jul 2003 23:52:37 -0200", seconds(2003, 7, 2, 1, 52, 37), date(2003, 7, 1)),
        (b"Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time)", seconds(1969, 2, 14, 3, 2), date(1969, 2, 13)),
        (b"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", seconds(1997, 11, 21, 15, 55, 6), date(1997, 11, 21)),
        (b"21 Nov 97 09:55:06 GMT", seconds(1997, 11, 21, 9, 55, 6), date(1997, 11, 21)),
        (b"21 Nov 03 09:55 EDT", seconds(2003, 11, 21, 13, 55), date(2003, 11, 21)),
        (b"21 Nov 103 09:55 +0000", seconds(2003, 11, 21, 9, 55), date(2003, 11, 21)),
        (b"Mon,  2 NOVEMBER 2026 9:05:00 Z", seconds(2026, 11, 2, 9, 5), date(2026, 11, 2)),
        (b"02-Nov-2026 09:05:00 +0100", seconds(2026, 11, 2, 8, 5), date(2026, 11, 2)),
        (b"Sat, 31 Dec 2016 23:59:60 +0000", seconds(2017, 1, 1), date(2016, 12, 31)),
        (b"Sat, 31 Dec 2016 23:59", seconds(2016, 12, 31, 23, 59), date(2016, 12, 31)),
    ],
)
def test_dates_and_the_day_in_the_senders_zone(value: bytes, sent: int, day: date) -> None:
    assert parse_date(value) == (sent, day.toordinal())


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"Tomorrow",
        b"31 Feb 2026 10:00 +0000",
        b"3 Foo 2026 10:00 +0000",
        b"3 Mar 2026",
        b"3 Mar 2026 25:00 +0000",
        b"3 Mar 2026 10:60 +0000",
        b"3 Mar 0000 10:00 +0000",
        b"Wed, 15 Dec 2010    59:10 -0500",
        b"\xff Mar 2026 10:00",
    ],
)
def test_what_is_no_date(value: bytes) -> None:
    assert parse_date(value) is None


def test_a_scan_knows_when_a_message_was_sent() -> None:
    found = scan(b"Date: Tue,\r\n 1 Jul 2003 23:52:37 -0200\r\n\r\n")
    assert (found.sent, found.sent_day) == (seconds(2003, 7, 2, 1, 52, 37), date(2003, 7, 1).toordinal())
    assert (scan(b"").sent, scan(b"").sent_day) == (None, None)
