# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates, and which of several fields is meant (RFC 5260)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from sieve import Services, SieveSyntaxError, compile
from tests.sieve.running import decide, holds

MAIL = b"""\
Received: from c; Fri, 02 Mar 2007 09:00:00 -0500
Received: from b (of c; really); Mon, 26 Feb 2007 09:00:01 -0500 (EST)
Received: from a; Mon, 26 Feb 2007 08:59:59 -0500
From: boss@example.com
To: one@example.com, two@example.com
Cc: three@example.com
Date: Mon, 20 Jul 2009 21:44:43 +0300
X-Bad: Moo, 34 Juul 3060 25:30:42 +6600

"""
NEEDS = "date relational index variables comparator-i;ascii-numeric"


class Stopped:
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


AFTERNOON = Services(clock=Stopped(datetime(2007, 7, 1, 15, 4, 5, tzinfo=timezone(timedelta(hours=2)))))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("year", "2009"),
        ("month", "07"),
        ("day", "20"),
        ("date", "2009-07-20"),
        ("julian", "55032"),
        ("hour", "21"),
        ("minute", "44"),
        ("second", "43"),
        ("time", "21:44:43"),
        ("iso8601", "2009-07-20T21:44:43+03:00"),
        ("std11", "mon, 20 jul 2009 21:44:43 +0300"),
        ("zone", "+0300"),
        ("weekday", "1"),
        ("WeekDay", "1"),
    ],
)
def test_parts_of_a_date(part: str, value: str) -> None:
    assert holds(f'date :originalzone "date" "{part}" "{value}"', MAIL, NEEDS)


@pytest.mark.parametrize(
    ("zone", "value"),
    [
        ("+0000", "2009-07-20T18:44:43Z"),
        ("-0000", "2009-07-20T18:44:43Z"),
        ("-0330", "2009-07-20T15:14:43-03:30"),
        ("+1400", "2009-07-21T08:44:43+14:00"),
    ],
)
def test_dates_are_shifted_to_a_zone(zone: str, value: str) -> None:
    assert holds(f'date :zone "{zone}" "date" "iso8601" "{value}"', MAIL, NEEDS)


def test_without_a_zone_it_is_that_of_the_clock() -> None:
    in_july = Services(clock=Stopped(datetime(2009, 12, 24, tzinfo=ZoneInfo("Europe/Berlin"))))
    assert holds('date "date" "iso8601" "2009-07-20T20:44:43+02:00"', MAIL, NEEDS, services=in_july)
    assert holds('currentdate "zone" "+0100"', MAIL, NEEDS, services=in_july)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1 Apr 97 9:06 EST", None),
        ("Tue, 1 Apr 97 09:06 EST", "1997-04-01T09:06:00-05:00"),
        ("1 Apr 49 09:06:31 Z", "2049-04-01T09:06:31Z"),
        ("1 Apr 102 09:06:31 K", "2002-04-01T09:06:31Z"),
        ("Thu (a (nested) one), 1 Jan 2009 00 : 00 : 00 (x) -0000", "2009-01-01T00:00:00Z"),
        ("29 Feb 2008 12:00:00 +0000", "2008-02-29T12:00:00Z"),
        ("29 Feb 2007 12:00:00 +0000", None),
        ("32 Jan 2007 12:00:00 +0000", None),
        ("31 Dec 2008 23:59:60 +0000", "2009-01-01T00:00:00Z"),
        ("31 Dec 2008 23:59:61 +0000", None),
        ("31 Dec 2008 23:59:00", None),
        ("31 Dec 2008 23:59:00 +2500", None),
        ("31 Dec 2008 23:59:00 +0060", None),
        ("by us; id 7; 31 Dec 2008 23:59:00 +0100", "2008-12-31T23:59:00+01:00"),
        ("31 Dec 2008 23:59:00 +0100; no more", None),
        ("", None),
    ],
)
def test_dates_of_all_kinds_and_none(value: str, expected: str | None) -> None:
    message = f"X: {value}\n\n".encode()
    assert holds(f'date :originalzone :is "x" "iso8601" "{expected}"', message, NEEDS) is (expected is not None)
    count = f'date :count "eq" :comparator "i;ascii-numeric" "x" "date" "{int(expected is not None)}"'
    assert holds(count, message, NEEDS)


@pytest.mark.parametrize("field", ["x-bad", "x-nothing", "from"])
def test_what_is_no_date_matches_nothing(field: str) -> None:
    assert not holds(f'date :matches "{field}" "std11" "*"', MAIL, NEEDS)


def test_a_moment_out_of_the_calendar_is_no_date() -> None:
    message = b"Date: 31 Dec 9999 23:59:59 -1200\n\n"
    assert not holds('date :zone "+0000" :matches "date" "year" "*"', message, NEEDS)


def test_office_hours() -> None:
    # RFC 5260, 4.4
    early = 'date :value "ge" :originalzone "date" "hour" "09"'
    late = 'date :value "lt" :originalzone "date" "hour" "17"'
    assert not holds(f"allof ({early}, {late})", MAIL, NEEDS)


def test_the_cutoff_of_drafts() -> None:
    # RFC 5260, 6.1
    test = 'date :value "gt" :index {} :zone "-0500" "received" "iso8601" "2007-02-26T09:00:00-05:00"'
    assert [holds(test.format(number), MAIL, NEEDS) for number in ("2", "1 :last", "4", "0")] == [
        True,
        False,
        False,
        False,
    ]


def test_now() -> None:
    # RFC 5260, 5.1
    script = """require ["date", "variables", "fileinto"];
        if currentdate :matches "month" "*" { set "month" "${1}"; }
        if currentdate :matches "year" "*" { set "year" "${1}"; }
        fileinto "${month}-${year}";"""
    (action,) = decide(script, services=AFTERNOON).actions
    assert getattr(action, "mailbox", None) == "07-2007"


@pytest.mark.parametrize(
    "test",
    [
        'currentdate "weekday" "0"',
        'currentdate :value "ge" "date" "2007-06-30"',
        'currentdate :value "lt" :comparator "i;ascii-numeric" "hour" "16"',
        'currentdate :zone "-1200" "iso8601" "2007-07-01T01:04:05-12:00"',
        'currentdate "std11" "Sun, 01 Jul 2007 15:04:05 +0200"',
        'currentdate :count "eq" "date" "1"',
    ],
)
def test_tests_of_now(test: str) -> None:
    assert holds(test, require=NEEDS, services=AFTERNOON)


def test_all_of_a_script_happens_at_one_moment() -> None:
    class Running:
        seconds = 0

        def now(self) -> datetime:
            self.seconds += 1
            return AFTERNOON.clock.now() + timedelta(seconds=self.seconds)

    test = 'allof (currentdate "second" "06", currentdate "second" "06")'
    assert holds(test, require=NEEDS, services=Services(clock=Running()))


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('header :index 1 :contains "received" "from c"', True),
        ('header :index 2 :contains "received" "from c"', False),
        ('header :index 1 :last :contains "received" "from a"', True),
        ('header :last :index 3 :contains "received" "from c"', True),
        ('header :index 4 :last :contains "received" "from"', False),
        ('header :index 0 :contains "received" "from"', False),
        # Fields of all names are counted, in the order of the names.
        ('header :index 2 :contains ["from", "cc"] "three"', True),
        ('header :index 2 :contains ["cc", "from"] "three"', False),
        ('header :index 1 :last :contains ["cc", "from"] "boss"', True),
        # Fields are counted, and not the addresses in them.
        ('address :index 1 ["to", "cc"] "two@example.com"', True),
        ('address :index 2 ["to", "cc"] "two@example.com"', False),
        ('address :index 1 :last :localpart ["to", "cc"] "three"', True),
        ('header :index 1 :count "eq" :comparator "i;ascii-numeric" "received" "1"', True),
    ],
)
def test_one_of_several_fields(test: str, expected: bool) -> None:
    assert holds(test, MAIL, NEEDS) is expected


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ('header :last "x" "y"', ":last needs :index"),
        ('date :zone "+0100" :originalzone "x" "date" "y"', ":originalzone cannot stand beside :zone"),
        ('date :zone "+01:00" "x" "date" "y"', "'\\+01:00' is no offset"),
        ('date :zone "CET" "x" "date" "y"', "'CET' is no offset"),
        ('date "x" "century" "y"', "a date has no part 'century'"),
        ('currentdate :originalzone "date" "y"', "currentdate has no argument :originalzone"),
    ],
)
def test_what_dates_do_not_have_is_told(test: str, message: str) -> None:
    with pytest.raises(SieveSyntaxError, match=message):
        compile(f'require ["date", "index"]; if {test} {{ keep; }}')
