# SPDX-License-Identifier: GPL-3.0-or-later
"""The envelope (RFC 5228, 5.4), and what is asked of servers (RFC 6009)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sieve import Envelope, Services, SieveRuntimeError, SieveSyntaxError, compile
from sieve.actions import Redirect
from tests.sieve.running import decide, holds
from tests.sieve.test_date import Stopped

NEEDS = "envelope envelope-dsn envelope-deliverby relational comparator-i;ascii-numeric"
TIM = Envelope(
    "tim@example.com",
    "me@example.org",
    auth="tim",
    notify="SUCCESS,FAILURE",
    orcpt="rfc822;Me@example.com",
    ret="HDRS",
    envid="QQ314159",
    by_time_absolute="2010-10-25T22:00:00+02:00",
    by_time_relative="-12",
    by_mode="R",
    by_trace="T",
)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('envelope :all :is "from" "tim@example.com"', True),
        ('envelope :domain "FROM" "EXAMPLE.COM"', True),
        ('envelope :localpart ["from", "to"] "me"', True),
        ('envelope "to" "tim@example.com"', False),
        ('envelope "auth" "tim"', True),
        # RFC 6009, 7.1
        ('envelope "notify" "SUCCESS"', True),
        ('envelope "notify" "DELAY"', False),
        ('envelope :comparator "i;ascii-numeric" :count "eq" "notify" "1"', False),
        ('envelope :comparator "i;ascii-numeric" :count "eq" "notify" "2"', True),
        ('envelope :matches "orcpt" "rfc822;*@example.com"', True),
        ('envelope "ret" "hdrs"', True),
        ('envelope "envid" "QQ314159"', True),
        ('envelope :contains "bytimerelative" "-"', True),
        ('envelope :zone "+0000" "bytimeabsolute" "2010-10-25T20:00:00Z"', True),
        ('envelope :originalzone "bytimeabsolute" "2010-10-25T22:00:00+02:00"', True),
        ('envelope "bymode" "R"', True),
        ('envelope "bytrace" "T"', True),
    ],
)
def test_parts_of_the_envelope(test: str, expected: bool) -> None:
    assert holds(test, require=NEEDS, envelope=TIM) is expected


@pytest.mark.parametrize("part", ["notify", "orcpt", "ret", "envid", "bytimeabsolute", "bymode", "to", "auth"])
def test_what_was_not_said_matches_nothing(part: str) -> None:
    assert not holds(f'envelope :contains "{part}" ""', require=NEEDS, envelope=Envelope())


@pytest.mark.parametrize("part", [":all", ":localpart", ":domain"])
@pytest.mark.parametrize("sender", [None, "", "<>"])
def test_the_null_sender_is_empty_whatever_part_is_looked_at(part: str, sender: str | None) -> None:
    assert holds(f'envelope {part} :is "from" ""', require=NEEDS, envelope=Envelope(sender))


def test_nobody_is_no_recipient() -> None:
    assert not holds('envelope :contains "to" ""', require=NEEDS, envelope=Envelope(None, "<>"))


def test_a_time_that_only_a_variable_asks_for_is_in_the_zone_of_the_clock() -> None:
    clock = Services(clock=Stopped(datetime(2010, 10, 25, tzinfo=UTC)))
    script = """require ["envelope", "variables"]; set "p" "bytimeabsolute";
        if envelope "${p}" "2010-10-25T20:00:00Z" { discard; }"""
    assert not decide(script, envelope=TIM, services=clock).implicit_keep


@pytest.mark.parametrize(
    "path", ["<stephan@example.org>", "<@a.example:stephan@example.org>", "@a.example,@b.example:stephan@example.org"]
)
def test_source_routes_and_brackets_are_dropped(path: str) -> None:
    assert holds('envelope "from" "stephan@example.org"', require=NEEDS, envelope=Envelope(path))


def test_what_is_no_address_has_no_parts() -> None:
    daemon = Envelope(None, "MAILER-DAEMON")
    assert holds('envelope "to" "MAILER-DAEMON"', require=NEEDS, envelope=daemon)
    assert not holds('envelope :domain :contains "to" ""', require=NEEDS, envelope=daemon)


@pytest.mark.parametrize(
    ("require", "test", "message"),
    [
        ("envelope", 'envelope "subject" "x"', "the envelope has no part 'subject'"),
        ("envelope", 'envelope "notify" "x"', 'it needs: require "envelope-dsn"'),
        ("envelope", 'envelope :zone "+0000" "bymode" "x"', "envelope has no argument :zone; it needs"),
        ("comparator-i;octet", 'envelope "from" "x"', "there is no test 'envelope'; it needs: require \"envelope\""),
    ],
)
def test_what_the_envelope_does_not_have_is_told(require: str, test: str, message: str) -> None:
    with pytest.raises(SieveSyntaxError, match=message):
        compile(f'require "{require}"; if {test} {{ keep; }}')


def test_a_part_that_only_a_variable_names_may_be_missing() -> None:
    with pytest.raises(SieveRuntimeError, match="the envelope has no part 'x'"):
        decide('require ["envelope", "variables"]; set "p" "X"; if envelope "${p}" "" { keep; }')


def redirected(options: str) -> Redirect:
    ten = Services(clock=Stopped(datetime(2010, 10, 25, 10, tzinfo=UTC)))
    require = 'require ["copy", "redirect-dsn", "redirect-deliverby"];'
    (action,) = decide(f'{require} redirect {options} "a@example.com";', services=ten).actions
    assert isinstance(action, Redirect)
    return action


def test_redirect_asks_for_reports() -> None:
    # RFC 6009, 7.2
    action = redirected(':copy :notify "NEVER"')
    assert (action.notify, action.ret, action.copy) == ("NEVER", None, True)
    action = redirected(':notify "success, Delay" :ret "hdrs"')
    assert (action.notify, action.ret) == ("SUCCESS,DELAY", "HDRS")


def test_redirect_asks_for_a_time() -> None:
    action = redirected(":copy :bytimerelative 600")
    assert (action.by_time, action.by_mode, action.by_trace) == (600, None, False)
    action = redirected(':bytimeabsolute "2010-10-25T22:00:00+0200" :bymode "return" :bytrace')
    assert (action.by_time, action.by_mode, action.by_trace) == (10 * 3600, "return", True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (':notify "SOMETIMES"', "'SOMETIMES' asks for no reports"),
        (':notify "NEVER,DELAY"', "asks for no reports"),
        (':notify ""', "asks for no reports"),
        (':ret "ALL"', ":ret is FULL or HDRS"),
        (':bymode "return"', "need :bytimerelative or :bytimeabsolute"),
        (":bytrace", "need :bytimerelative or :bytimeabsolute"),
        (':bytimerelative 1 :bymode "x"', ":bymode is notify or return"),
        (':bytimeabsolute "tomorrow"', "'tomorrow' is no point in time"),
        (':bytimeabsolute "2010-02-30T00:00:00Z"', "is no point in time"),
        (':bytimerelative 1 :bytimeabsolute "2010-02-03T00:00:00Z"', "cannot stand beside :bytimerelative"),
    ],
)
def test_wishes_that_no_server_understands_are_told(options: str, message: str) -> None:
    with pytest.raises(SieveSyntaxError, match=message):
        redirected(options)


@pytest.mark.parametrize("path", ["<tim@@example.org>", "relay.example.org:tim@example.org", "tim@"])
def test_a_path_that_is_wrong_has_no_parts(path: str) -> None:
    # RFC 5228, 2.7.4
    assert not holds('envelope :domain :contains "from" ""', require="envelope", envelope=Envelope(path, "a@b.example"))


def test_dots_may_stand_anywhere() -> None:
    path = Envelope(None, "..kana...kanji..@example.jp")
    assert holds('envelope :localpart "to" "..kana...kanji.."', require="envelope", envelope=path)
