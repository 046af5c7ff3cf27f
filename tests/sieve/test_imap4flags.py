# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags, with the examples of RFC 5232."""

from __future__ import annotations

import pytest

from sieve import Delivery, Message, SieveSyntaxError, compile, execute
from tests.sieve.acting import Actuator
from tests.sieve.running import MESSAGE, decide

REQUIRE = 'require ["imap4flags", "fileinto", "copy", "variables", "relational", "comparator-i;ascii-numeric"];\n'


def flags_of(script: str) -> list[tuple[str, ...]]:
    """What each action stores with."""
    return [action.flags for action in decide(REQUIRE + script).actions]  # type: ignore[attr-defined]


def has(before: str, test: str, *flags: str) -> bool:
    """Is a test true after some commands?"""
    script = compile(f"{REQUIRE}{before} if {test} {{ discard; }}")
    return not script.run(Delivery(Message(MESSAGE, flags))).implicit_keep


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('keep :flags "\\\\Seen";', [("\\Seen",)]),
        ('setflag "\\\\Deleted"; keep;', [("\\Deleted",)]),
        ('addflag "\\\\Deleted"; addflag "\\\\Answered"; keep;', [("\\Deleted", "\\Answered")]),
        ('addflag ["\\\\Deleted", "\\\\Answered"]; keep;', [("\\Deleted", "\\Answered")]),
        ('addflag "  \\\\Deleted   \\\\Answered "; keep;', [("\\Deleted", "\\Answered")]),
        ('setflag "a"; setflag "b"; keep;', [("b",)]),
        ('setflag "a b c"; removeflag ["B", "", "x"]; keep;', [("a", "c")]),
        ('setflag ""; keep;', [()]),
    ],
)
def test_flags_are_set_added_and_removed(script: str, expected: list[tuple[str, ...]]) -> None:
    assert flags_of(script) == expected


def test_a_variable_holds_flags_with_spaces_between_them() -> None:
    # RFC 5232, 3.1
    script = 'setflag "flagvar" "\\\\Flagged"; addflag "FLAGVAR" "x"; fileinto :flags "${flagvar}" "INBOX.From Boss";'
    assert flags_of(script) == [("\\Flagged", "x")]


def test_set_gives_a_variable_flags_as_well() -> None:
    assert flags_of('set "v" "a A  b"; addflag "v" "c"; removeflag "v" "b"; keep :flags "${v}";') == [("a", "c")]


def test_flags_that_no_message_may_have_are_ignored() -> None:
    # RFC 5232, 2
    assert flags_of('setflag ["\\\\Recent", "\\\\Nonsense", "grün", "a(b", "two\\"", "*", "ok"]; keep;') == [("ok",)]


def test_a_flag_counts_once_in_whatever_case() -> None:
    assert flags_of('setflag ["\\\\seen", "\\\\SEEN", "Junk", "junk"]; keep;') == [("\\Seen", "Junk")]


def test_each_action_stores_with_the_flags_of_its_moment() -> None:
    script = 'setflag "a"; fileinto :copy "One"; setflag "b"; fileinto :copy :flags "c" "Two"; addflag "d"; keep;'
    assert flags_of(script) == [("a",), ("c",), ("b", "d")]


def test_of_the_same_action_twice_the_last_flags_win() -> None:
    # RFC 5232, 3
    assert flags_of('keep :flags "a"; setflag "b"; keep; fileinto :flags "x" "F"; fileinto "F";') == [("b",), ("b",)]


def test_the_implicit_keep_has_the_flags_too() -> None:
    delivery, actuator = Delivery(Message(MESSAGE)), Actuator()
    result = compile(REQUIRE + 'addflag "\\\\Flagged";').run(delivery)
    execute(result, delivery, actuator)
    assert [tuple(stored.flags) for stored in actuator.stored] == [("\\Flagged",)]


def test_a_script_begins_with_the_flags_of_the_message() -> None:
    assert has("", 'hasflag "\\\\seen"', "\\Seen")
    assert not has('removeflag "\\\\Seen";', 'hasflag "\\\\Seen"', "\\Seen")


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('hasflag :is "b A"', True),
        ('hasflag ["b", "A"]', True),
        ('hasflag "c"', False),
        ('hasflag ""', False),
        ('hasflag :contains "MyVar" "Junk"', True),
        ('hasflag :contains "MyVar" "forward"', True),
        ('hasflag :contains "MyVar" ["label", "forward"]', True),
        ('hasflag :contains "MyVar" ["junk", "forward"]', True),
        ('hasflag :contains "MyVar" "junk forward"', True),
        ('hasflag :contains "MyVar" "forward junk"', True),
        ('hasflag :contains "MyVar" "label"', False),
        ('hasflag :contains "MyVar" ["label1", "label2"]', False),
        ('hasflag :contains ["Nothing", "MyVar"] "gnus"', True),
        ('hasflag :matches "MyVar" "gnus-*"', True),
        ('hasflag :comparator "i;octet" "a"', False),
        ('hasflag :count "eq" :comparator "i;ascii-numeric" "2"', True),
        ('hasflag :count "ge" :comparator "i;ascii-numeric" "MyFlags" "2"', True),
        ('hasflag :count "eq" :comparator "i;ascii-numeric" ["MyFlags", "MyVar", "Nothing"] "10"', True),
    ],
)
def test_hasflag(test: str, expected: bool) -> None:
    # RFC 5232, 4
    variables = (
        'set "MyVar" "NonJunk Junk gnus-forward $Forwarded NotJunk JunkRecorded $Junk $NotJunk"; set "MyFlags" "A B a";'
    )
    assert has(f'setflag "A B"; {variables}', test) is expected


def test_hasflag_leaves_what_its_wildcards_stood_for() -> None:
    script = 'setflag "gnus-forward"; if hasflag :matches "gnus-*" { fileinto :flags "" "${1}"; }'
    assert [action.mailbox for action in decide(REQUIRE + script).actions] == ["forward"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "wrong", ['setflag "v" "a";', 'if hasflag "v" "a" { keep; }', 'addflag ["v"] "a";', "setflag;", "removeflag 1;"]
)
def test_a_variable_needs_the_extension_of_variables(wrong: str) -> None:
    with pytest.raises(SieveSyntaxError):
        compile(f'require "imap4flags"; {wrong}')


@pytest.mark.parametrize("name", ["", "a b", "${x}", "a.b"])
def test_a_wrong_name_of_a_variable_is_a_problem(name: str) -> None:
    with pytest.raises(SieveSyntaxError, match="no name of a variable"):
        compile(f'require ["imap4flags", "variables"]; setflag "{name}" "a";')


def test_the_extended_example() -> None:
    # RFC 5232, 9
    script = """
        if size :over 100 {
            addflag "MyFlags" "Big";
            if header :is "From" "coyote@desert.example.org" { addflag "MyFlags" "\\\\Flagged"; }
            fileinto :flags "${MyFlags}" "Big messages";
        }
        if header :is "Sender" "owner-ietf-mta-filters@example.org" {
            set "MyFlags" "\\\\Flagged $Work";
            keep :flags "${MyFlags}";
        } elsif anyof (not address :all :contains ["To", "Cc"] "me@company.example.com") {
            removeflag "MyFlags" "\\\\Flagged";
            fileinto :flags "${MyFlags}" "spam";
        }
    """
    assert flags_of(script) == [("Big", "\\Flagged"), ("Big",)]
