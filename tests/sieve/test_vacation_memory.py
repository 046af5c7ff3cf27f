# SPDX-License-Identifier: GPL-3.0-or-later
"""How often somebody who is away answers (RFC 5230, RFC 6131), and beside which other actions."""

from __future__ import annotations

from typing import Any

import pytest

from sieve import Envelope, Services, Settings, SieveSyntaxError, compile
from tests.sieve.acting import AWAY, COYOTE, LUNCH, ROADRUNNER, Clock, Memory, act, answer, answers, with_fields


def asked(script: str, sender: str = COYOTE, message: bytes = LUNCH, **settings: Any) -> tuple[str, int]:
    """What the memory of answers is asked for."""
    memory = Memory()
    services = Services(responses=memory, clock=Clock())
    act(
        script, message=message, envelope=Envelope(sender, ROADRUNNER), services=services, settings=Settings(**settings)
    )
    (one,) = memory.asked
    return one


def test_nobody_gets_the_same_answer_twice() -> None:
    services = Services(responses=Memory(), clock=Clock())
    assert answers(services=services)
    assert not answers(services=services)
    assert not answers(services=services, envelope=Envelope(COYOTE.upper(), ROADRUNNER))
    assert answers(services=services, envelope=Envelope("tweety@cage.example.org", ROADRUNNER))
    assert answers('require "vacation"; vacation "I am still away.";', services=services)


def test_who_is_not_answered_is_not_remembered() -> None:
    memory = Memory()
    act(AWAY, message=with_fields("Precedence: bulk"), services=Services(responses=memory))
    assert not memory.asked


def test_other_texts_are_other_answers() -> None:
    # RFC 5230, 4.2
    script = """require "vacation";
    if header :contains "subject" "cyrus" {
        vacation "I'm out -- send mail to cyrus-bugs";
    } else {
        vacation "I'm out -- call me at +1 304 555 0123";
    }"""
    services = Services(responses=Memory(), clock=Clock())
    assert b"cyrus-bugs" in answer(script, LUNCH.replace(b"lunch?", b"Cyrus bug"), services=services).octets
    assert b"call me" in answer(script, services=services).octets
    assert not answers(script, services=services)


def test_answers_with_the_same_handle_are_the_same() -> None:
    # RFC 5230, 4.2
    script = """require "vacation";
    if header :contains "subject" "lunch" {
        vacation :handle "ran-away" "I'm out and can't meet for lunch";
    } else {
        vacation :handle "ran-away" "I'm out";
    }"""
    assert asked(script) == asked(script, message=LUNCH.replace(b"lunch?", b"dinner?"))


@pytest.mark.parametrize("other", [':subject "a" "b"', ':from "a@x.org" "b"', ':mime "b"', ':handle "b" "b"', '"a"'])
def test_answers_with_other_arguments_are_others(other: str) -> None:
    assert asked('require "vacation"; vacation "b";') != asked(f'require "vacation"; vacation {other};')


def test_variables_make_no_other_answer() -> None:
    # RFC 5230, 4.2
    script = """require ["vacation", "variables"];
    if header :matches "subject" "*" {
        vacation :subject "Automatic response to: ${1}" "I'm away -- send mail to foo in my absence";
    }"""
    assert asked(script) == asked(script, message=LUNCH.replace(b"lunch?", b"dinner?"))
    assert answer(script).message["subject"] == "Automatic response to: lunch?"


@pytest.mark.parametrize(
    ("argument", "settings", "seconds"),
    [
        ("", {}, 7 * 86_400),
        ("", {"vacation_min_seconds": 864_000}, 864_000),
        (":days 3", {}, 3 * 86_400),
        (":days 0", {}, 86_400),
        (":days 0", {"vacation_min_seconds": 0}, 86_400),
        (":days 400", {"vacation_max_seconds": 31 * 86_400}, 31 * 86_400),
        (":seconds 1800", {"vacation_min_seconds": 60}, 1_800),
        (":seconds 1800", {}, 86_400),
        (":seconds 2147483647", {}, 2_147_483_647),
    ],
)
def test_times_are_within_the_operators_limits(argument: str, settings: dict[str, Any], seconds: int) -> None:
    # RFC 5230, 4.1 and RFC 6131, 2
    assert asked(f'require "vacation-seconds"; vacation {argument} "Hi";', **settings)[1] == seconds


def test_without_seconds_every_message_is_answered() -> None:
    # RFC 6131, 3
    script = """require ["vacation-seconds"];
    vacation :handle "auto-resp" :seconds 0 "Your request has been received.";"""
    services, settings = Services(responses=Memory(), clock=Clock()), Settings(vacation_min_seconds=0)
    assert answers(script, services=services, settings=settings)
    assert answers(script, services=services, settings=settings)


def test_days_and_seconds_are_not_both_given() -> None:
    with pytest.raises(SieveSyntaxError, match=":seconds cannot stand beside :days"):
        compile('require "vacation-seconds"; vacation :days 1 :seconds 60 "Hi";')


def test_seconds_must_be_required() -> None:
    with pytest.raises(SieveSyntaxError, match='require "vacation-seconds"'):
        compile('require "vacation"; vacation :seconds 60 "Hi";')


def test_a_time_that_is_not_the_operators_is_told() -> None:
    (warning,) = compile('require "vacation-seconds"; vacation :seconds 60 "Hi";').warnings
    assert warning.message == "the time between two answers to the same sender becomes 86400 seconds"


def test_an_address_that_is_none_is_told() -> None:
    (warning,) = compile('require "vacation"; vacation :addresses ["a@x.org", "bird"] "Hi";').warnings
    assert warning.message == "'bird' is no address, so no message names it"


# Together with others


def test_two_answers_are_an_error_and_the_message_is_kept() -> None:
    actuator, result = act('require "vacation"; vacation "a"; vacation "b";')
    assert [str(error) for error in result.errors] == ["line 1: there is an answer already (vacation)"]
    assert (len(actuator.sent), actuator.mailboxes) == (1, ["INBOX"])


@pytest.mark.parametrize("order", ['vacation "a"; reject "b";', 'reject "b"; vacation "a";'])
def test_who_is_rejected_is_not_answered(order: str) -> None:
    _, result = act(f'require ["vacation", "reject"]; {order}')
    assert len(result.errors) == 1


def test_mail_of_the_boss_is_sent_on_and_others_get_an_answer() -> None:
    # RFC 5230, 4.8
    script = """require "vacation";
    if header :contains "from" "boss@example.edu" {
        redirect "pleeb@isp.example.org";
    } else {
        vacation "Sorry, I'm away, I'll read your
    message when I get around to it.";
    }"""
    assert answer(script).recipients == [COYOTE]
    boss = LUNCH.replace(b"coyote@desert.example.org", b"boss@example.edu")
    assert answer(script, boss).recipients == ["pleeb@isp.example.org"]


@pytest.mark.parametrize("action", ["discard", "keep", 'fileinto "A"', 'redirect "a@x.org"'])
def test_vacation_goes_with_other_actions(action: str) -> None:
    # RFC 5230, 4.7
    actuator, result = act(f'require ["vacation", "fileinto"]; vacation "Hi"; {action};')
    assert not result.errors
    assert COYOTE in [sent.recipients[0] for sent in actuator.sent]
