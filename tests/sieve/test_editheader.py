# SPDX-License-Identifier: GPL-3.0-or-later
"""Header fields that scripts add and delete, with the examples of RFC 5293."""

from __future__ import annotations

import pytest

from sieve import Delivery, Message, Settings, SieveRuntimeError, SieveSyntaxError, compile, execute, run_sequence
from tests.sieve.acting import Actuator
from tests.sieve.running import MESSAGE, decide

REQUIRE = 'require ["editheader", "fileinto", "copy", "variables"];\n'
THREE = b"X-Hello: one\r\nSubject: s\r\nX-Hello: two \r\nx-hello: =?utf-8?q?dr=C3=A9i?=\r\n\r\nbody\r\n"


def edited(script: str, message: bytes = MESSAGE, settings: Settings | None = None) -> bytes:
    """The message as the implicit keep stores it."""
    settings = settings or Settings()
    delivery, actuator = Delivery(Message(message), settings=settings), Actuator()
    execute(compile(REQUIRE + script, settings=settings).run(delivery), delivery, actuator)
    return actuator.stored[-1].octets


def test_a_field_is_put_in_front_of_all_others() -> None:
    assert edited('addheader "X-Hello" "World";') == b"X-Hello: World\r\n" + MESSAGE


def test_a_field_is_put_behind_all_others() -> None:
    header, body = MESSAGE.split(b"\r\n\r\n")
    assert edited('addheader :last "X-Hello" "World";') == header + b"\r\nX-Hello: World\r\n\r\n" + body


def test_what_is_added_and_deleted_leaves_the_message_unchanged() -> None:
    # RFC 5293, 7
    assert edited('addheader "X-Hello" "World"; deleteheader :index 1 "X-Hello";') == MESSAGE


@pytest.mark.parametrize(
    ("script", "left"),
    [
        ('deleteheader "x-hello";', []),
        ('deleteheader :index 1 "X-Hello"; deleteheader :index 2 "X-Hello";', ["two"]),
        ('deleteheader :index 1 :last "X-Hello";', ["one", "two"]),
        ('deleteheader :last :index 3 "X-Hello";', ["two", "dréi"]),
        ('deleteheader :index 4 "X-Hello";', ["one", "two", "dréi"]),
        ('deleteheader :index 0 "X-Hello";', ["one", "two", "dréi"]),
        ('deleteheader "X-Hello" "TWO";', ["one", "dréi"]),
        ('deleteheader :comparator "i;octet" "X-Hello" "TWO";', ["one", "two", "dréi"]),
        ('deleteheader :matches "X-Hello" ["?ne", "dr*i"];', ["two"]),
        ('deleteheader :contains "X-Hello" "réi";', ["one", "two"]),
        ('deleteheader :index 1 :contains "X-Hello" "two";', ["one", "two", "dréi"]),
        ('deleteheader :index 2 :contains "X-Hello" "two";', ["one", "dréi"]),
        ('deleteheader :contains "X-Hello";', []),
        ('deleteheader "X-Nothing";', ["one", "two", "dréi"]),
    ],
)
def test_fields_are_deleted(script: str, left: list[str]) -> None:
    assert Message(edited(script, THREE)).headers("x-hello") == left


def test_what_is_not_deleted_stays_as_it_was_byte_for_byte() -> None:
    assert edited('deleteheader "x-hello" "one";', THREE) == THREE.removeprefix(b"X-Hello: one\r\n")


def test_later_tests_see_the_edits() -> None:
    # RFC 5293, 7
    script = 'addheader "X-Hello" "World"; if header :contains "X-Hello" "World" { addheader "X-Seen" "yes"; }'
    assert b"X-Seen: yes\r\n" in edited(script)


def test_actions_take_the_message_as_it_was_when_they_were_decided() -> None:
    script = 'fileinto :copy "One"; addheader "X-A" "a"; fileinto :copy "Two"; addheader "X-B" "b";'
    delivery, actuator = Delivery(Message(MESSAGE)), Actuator()
    execute(compile(REQUIRE + script).run(delivery), delivery, actuator)
    assert [(one.mailbox, one.octets.count(b"X-")) for one in actuator.stored] == [("One", 0), ("Two", 1), ("INBOX", 2)]


def test_an_edited_message_is_still_the_same_message() -> None:
    # RFC 5293, 7: only one is filed.
    delivery, actuator = Delivery(Message(MESSAGE)), Actuator()
    execute(compile(REQUIRE + 'keep; addheader "X-Flavor" "vanilla"; keep;').run(delivery), delivery, actuator)
    assert actuator.mailboxes == ["INBOX"]


def test_the_next_script_of_a_sequence_sees_the_edits() -> None:
    first = compile(REQUIRE + 'addheader "X-Hello" "World";')
    second = compile('require "fileinto"; if header "X-Hello" "World" { fileinto "Seen"; }')
    actuator = Actuator()
    run_sequence([first, second], Delivery(Message(MESSAGE)), actuator)
    assert [(one.mailbox, one.octets) for one in actuator.stored] == [("Seen", b"X-Hello: World\r\n" + MESSAGE)]


def test_after_an_error_the_message_is_kept_as_it_came() -> None:
    # RFC 5293, 7
    script = compile(REQUIRE + 'addheader "X-Hello" "World"; set "name" "a b"; addheader "${name}" "x";')
    delivery, actuator = Delivery(Message(MESSAGE)), Actuator()
    with pytest.raises(SieveRuntimeError, match="line 2: 'a b' is no name of a header field"):
        script.run(delivery)
    execute(delivery.result, delivery, actuator)
    assert [one.octets for one in actuator.stored] == [MESSAGE]


def test_after_an_error_the_edits_of_earlier_scripts_stay() -> None:
    first = compile(REQUIRE + 'addheader "X-First" "1";')
    second = compile(REQUIRE + 'addheader "X-Second" "2"; set "name" ""; addheader "${name}" "x";')
    actuator = Actuator()
    result = run_sequence([first, second], Delivery(Message(MESSAGE)), actuator)
    assert len(result.errors) == 1
    assert [one.octets for one in actuator.stored] == [b"X-First: 1\r\n" + MESSAGE]


@pytest.mark.parametrize("name", ["Received", "auto-submitted", "X-Secret"])
def test_what_may_not_be_deleted_stays_in_silence(name: str) -> None:
    # RFC 5293, 6
    settings = Settings(editheader_forbid_delete=frozenset({"x-secret", "Subject"}))
    message = f"{name}: x\r\nSubject: s\r\n\r\n".encode()
    assert edited(f'deleteheader "{name}"; deleteheader "subject";', message, settings) == f"{name}: x\r\n\r\n".encode()


def test_what_may_not_be_added_is_not_added_in_silence() -> None:
    settings = Settings(editheader_forbid_add=frozenset({"X-Secret", "Subject"}))
    script = 'addheader "x-secret" "1"; addheader "Subject" "s";'
    assert edited(script, b"\r\nbody", settings) == b"Subject: s\r\n\r\nbody"


def test_a_value_that_is_not_ascii_is_encoded_and_folded() -> None:
    value = "Grüße, " * 30
    octets = edited(f'addheader "X-Greeting" "{value}";')
    assert max(map(len, octets.split(b"\r\n"))) <= 78
    assert octets.isascii()
    assert Message(octets).headers("x-greeting") == [value.strip()]


def test_line_ends_in_a_value_begin_no_field_of_their_own() -> None:
    octets = edited('addheader "X-A" text:\none\nBcc: two\n.\n;')
    assert octets.startswith(b"X-A: one Bcc: two\r\nFrom:")


def test_a_long_word_is_never_a_line_that_is_too_long() -> None:
    # RFC 5322, 2.1.1
    octets = edited(f'addheader "X-Long" "{"x" * 1900}";', settings=Settings(editheader_max_header_size=8192))
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert Message(octets).headers("x-long") == ["x" * 1900]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ('addheader "X Hello" "a";', "no name of a header field"),
        ('addheader "" "a";', "no name of a header field"),
        ('addheader "X:" "a";', "no name of a header field"),
        ('deleteheader "Grün";', "no name of a header field"),
        ('deleteheader :last "X-Hello";', ":last needs :index"),
        (f'addheader "X-Long" "{"x " * 1100}";', "at most 2048 octets"),
        ('addheader "X-A";', "needs a string: value"),
        ('addheader :index 1 "X-A" "a";', "no argument :index"),
    ],
)
def test_what_is_wrong_is_told_when_the_script_is_compiled(script: str, message: str) -> None:
    with pytest.raises(SieveSyntaxError, match=message):
        compile(REQUIRE + script)


def test_the_limit_is_never_below_that_of_the_standard() -> None:
    # RFC 5293, 4
    assert edited(f'addheader "X" "{"x " * 400}";', settings=Settings(editheader_max_header_size=10))


def test_edits_count_for_the_size() -> None:
    larger = f'addheader "X-Seen" "yes"; if size :over {len(MESSAGE)} {{ discard; }}'
    assert [action.name for action in decide(f'require "editheader"; {larger}').actions] == ["discard"]


def test_a_field_holds_no_nul() -> None:
    with pytest.raises(SieveSyntaxError, match="a header field holds no NUL"):
        compile('require ["editheader", "encoded-character"]; addheader "X" "a${hex:00}b";')
