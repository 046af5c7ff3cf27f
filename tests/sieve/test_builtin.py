# SPDX-License-Identifier: GPL-3.0-or-later
"""The language and the tests of RFC 5228, with its own message."""

from __future__ import annotations

import pytest

from sieve import Script, SieveSyntaxError, compile
from sieve.actions import Discard, Keep, Redirect, Store
from tests.sieve.running import MESSAGE, decide, holds

ADDRESSES = (
    b'To: =?utf-8?q?Z=C3=BC?= <a@Example.ORG>, team: b@x.org, "c, d" <c@y.org>;\r\nX: one\r\nx: two\r\n\r\nbody\r\n'
)


def test_without_a_decision_the_message_is_kept() -> None:
    result = decide("")
    assert (result.actions, result.implicit_keep) == ([], True)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('header :is "subject" "i have a PRESENT for you"', True),
        ('header :comparator "i;octet" :is "subject" "i have a PRESENT for you"', False),
        ('header :contains ["from", "subject"] ["anvil", "present"]', True),
        ('header :matches "subject" "I have ? present for *"', True),
        ('header :matches "subject" "present"', False),
        ('header :is "x-nothing" ""', False),
        ('address :domain "from" "desert.example.org"', True),
        ('address :localpart :is "to" "ROADRUNNER"', True),
        ('address :all :contains "to" "acme"', True),
        ('exists ["from", "date"]', True),
        ('exists ["from", "x-nothing"]', False),
        ("size :over 100", True),
        ("size :under 100", False),
        ("not anyof (false, true)", False),
        ("allof (true, not false)", True),
    ],
)
def test_tests_of_the_base(test: str, expected: bool) -> None:
    assert holds(test) is expected


def test_size_neither_over_nor_under_at_the_limit() -> None:
    # RFC 5228, 5.9: exactly as large is neither.
    assert not holds(f"size :over {len(MESSAGE)}")
    assert not holds(f"size :under {len(MESSAGE)}")


@pytest.mark.parametrize("address", ["a@example.org", "b@x.org", "c@y.org"])
def test_addresses_in_groups_count(address: str) -> None:
    assert holds(f'address "to" "{address}"', ADDRESSES)


def test_every_field_of_a_name_counts() -> None:
    assert holds('header "x" "two"', ADDRESSES)


def test_encoded_words_are_decoded() -> None:
    assert holds('header :contains "to" "Zü"', ADDRESSES)


def test_actions_stand_in_order_with_their_lines() -> None:
    result = decide('require ["fileinto", "copy"];\nfileinto :copy "A";\nredirect "b@x.org";\nkeep;\nkeep;\n')
    assert [(type(action), action.line) for action in result.actions] == [(Store, 2), (Redirect, 3), (Keep, 5)]
    assert not result.implicit_keep


def test_discard_takes_the_place_of_the_implicit_keep() -> None:
    result = decide("discard; stop; keep;")
    assert [type(action) for action in result.actions] == [Discard]
    assert not result.implicit_keep


def test_everything_that_is_wrong_is_told_with_its_place() -> None:
    script = 'fileinto "x";\nif foo { keep; }\nkeep\n;redirect "nobody"; header "a" "b";\n}\n"'
    with pytest.raises(SieveSyntaxError) as caught:
        compile(script, name="mine")
    assert str(caught.value).splitlines() == [
        "mine:1:1: error: there is no command 'fileinto'; it needs: require \"fileinto\"",
        "mine:2:4: error: there is no test 'foo'",
        "mine:4:2: error: 'nobody' is no address",
        "mine:4:21: error: there is no command 'header'",
        "mine:5:1: error: there is no block that this } could end",
        'mine:6:1: error: this string has no end: "',
    ]


def test_a_compiled_script_comes_back_from_octets() -> None:
    script = compile('require "fileinto"; if header :contains "subject" "present" { fileinto "Gifts"; }')
    assert Script.loads(script.dumps()).source() == script.source()


@pytest.mark.parametrize("damage", [b"", b"x", b"ikserver sieve 0\n\n"])
def test_octets_of_something_else_are_no_script(damage: bytes) -> None:
    with pytest.raises(ValueError, match="no compiled script"):
        Script.loads(damage)
