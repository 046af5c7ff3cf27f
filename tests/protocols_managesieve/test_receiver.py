# SPDX-License-Identifier: GPL-3.0-or-later
"""From the octets of a client to its commands (RFC 5804, 4)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from protocols.managesieve import commands as c
from protocols.managesieve.errors import BadCommand, TooLarge
from protocols.managesieve.receiver import Event, Limits, Problem, Receiver, Response
from protocols.managesieve.responses import string


def events(*pieces: bytes, limits: Limits | None = None) -> list[Event]:
    receiver = Receiver(limits)
    found = []
    for piece in pieces:
        receiver.feed(piece)
        while (event := receiver.next_event()) is not None:
            found.append(event)
    return found


def refusals(*pieces: bytes, limits: Limits | None = None) -> list[str]:
    return [str(event.error) if isinstance(event, Problem) else "" for event in events(*pieces, limits=limits)]


COMMANDS: list[tuple[bytes, c.Command]] = [
    (b'Authenticate "DIGEST-MD5"\r\n', c.Authenticate("DIGEST-MD5")),
    (b'AUTHENTICATE "plain" "QJIrweAPyo6Q1T9xu"\r\n', c.Authenticate("PLAIN", b"QJIrweAPyo6Q1T9xu")),
    (b'AUTHENTICATE "PLAIN" {17+}\r\nQJIrweAPyo6Q1T9xu\r\n', c.Authenticate("PLAIN", b"QJIrweAPyo6Q1T9xu")),
    (b'AUTHENTICATE "GSSAPI" {0+}\r\n\r\n', c.Authenticate("GSSAPI", b"")),
    (b"StartTls\r\n", c.StartTls()),
    (b"Logout\r\n", c.Logout()),
    (b"CAPABILITY\r\n", c.Capability()),
    (b'HAVESPACE "myscript" 999999\r\n', c.HaveSpace("myscript", 999999)),
    (b'HAVESPACE "foobar" "435"\r\n', c.HaveSpace("foobar", 435)),
    (
        b'Putscript "foo" {31+}\r\n#comment\r\nInvalidSieveCommand\r\n\r\n',
        c.PutScript("foo", b"#comment\r\nInvalidSieveCommand\r\n"),
    ),
    (b'PUTSCRIPT "foo" "keep;"\r\n', c.PutScript("foo", b"keep;")),
    (b"PUTSCRIPT {3+}\r\nfoo {5+}\r\nkeep;\r\n", c.PutScript("foo", b"keep;")),
    (b'PUTSCRIPT "foo" {5}\r\nkeep;\r\n', c.PutScript("foo", b"keep;")),
    (b"Listscripts\r\n", c.ListScripts()),
    (b'Setactive "vacationscript"\r\n', c.SetActive("vacationscript")),
    (b'Setactive ""\r\n', c.SetActive(None)),
    (b"SETACTIVE {0+}\r\n\r\n", c.SetActive(None)),
    (b'Getscript "myscript"\r\n', c.GetScript("myscript")),
    (b'GETSCRIPT "clever\\"script\\\\"\r\n', c.GetScript('clever"script\\')),
    ('GETSCRIPT "été"\r\n'.encode(), c.GetScript("été")),
    (b'Deletescript "foo"\r\n', c.DeleteScript("foo")),
    (b'Renamescript "foo" "bar"\r\n', c.RenameScript("foo", "bar")),
    (
        b"CheckScript {31+}\r\n#comment\r\nInvalidSieveCommand\r\n\r\n",
        c.CheckScript(b"#comment\r\nInvalidSieveCommand\r\n"),
    ),
    (b"NOOP\r\n", c.Noop()),
    (b'NOOP "STARTTLS-SYNC-42"\r\n', c.Noop(b"STARTTLS-SYNC-42")),
    (b"UNAUTHENTICATE\r\n", c.Unauthenticate()),
    (b"noop\n", c.Noop()),
]


@pytest.mark.parametrize(("octets", "command"), COMMANDS)
def test_every_command_is_read(octets: bytes, command: c.Command) -> None:
    assert events(octets) == [command]


@given(st.lists(st.sampled_from(COMMANDS), max_size=4), st.lists(st.integers(0, 300), max_size=8))
@example(COMMANDS, list(range(1000)))
@settings(max_examples=100)
def test_however_the_octets_are_cut_the_commands_are_the_same(
    sent: list[tuple[bytes, c.Command]], cuts: list[int]
) -> None:
    octets = b"".join(part for part, _ in sent)
    places = sorted({0, len(octets), *(cut for cut in cuts if cut < len(octets))})
    pieces = [octets[start:end] for start, end in pairwise(places)]
    assert events(*pieces) == [command for _, command in sent]


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_what_the_server_writes_as_a_string_is_read_as_the_same_one(octets: bytes) -> None:
    written = string(octets).replace(b"}\r\n", b"+}\r\n", 1) if string(octets)[:1] == b"{" else string(octets)
    assert events(b"CHECKSCRIPT " + written + b"\r\n") == [c.CheckScript(octets)]


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_whatever_a_client_sends_its_next_line_is_read(octets: bytes) -> None:
    garbage = octets.replace(b"{", b"")
    assert events(garbage, b"\r\nNOOP\r\n")[-1] == c.Noop()


@pytest.mark.parametrize(
    ("octets", "refusal"),
    [
        (b"FROB\r\n", "there is no such command"),
        (b'"NOOP"\r\n', "there is no such command"),
        (b"GETSCRIPT\r\n", "expected the name of a script as a string"),
        (b"GETSCRIPT foo\r\n", "expected the name of a script as a string"),
        (b'GETSCRIPT ""\r\n', "the name of the script is empty"),
        (b'GETSCRIPT "\xff"\r\n', "the name of the script is not UTF-8"),
        (b'GETSCRIPT "a\tb"\r\n', "the name of the script has control characters"),
        ('GETSCRIPT "a\u2028b"\r\n'.encode(), "the name of the script has control characters"),
        (b'GETSCRIPT "%b"\r\n' % (b"n" * 513), "the name of the script has more than 512 octets"),
        (b'GETSCRIPT "a" "b"\r\n', "there are too many arguments"),
        (b'GETSCRIPT "a\r\n', "expected a string or a word at octet 11"),
        (b'GETSCRIPT "a"b\r\n', "expected a string or a word at octet 11"),
        (b'GETSCRIPT "a\\b"\r\n', "expected a string or a word at octet 11"),
        (b'HAVESPACE "a" much\r\n', "expected a size, a number"),
        (b'HAVESPACE "a"\r\n', "expected a size, a number"),
        (b"LOGOUT now\r\n", "there are too many arguments"),
        (b"NOOP tag\r\n", "expected a tag as a string"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_the_next_command_is_read(octets: bytes, refusal: str) -> None:
    problem, after = events(octets + b"NOOP\r\n")
    assert isinstance(problem, Problem)
    assert str(problem.error) == refusal
    assert isinstance(problem.error, BadCommand)
    assert after == c.Noop()


def test_a_name_of_128_characters_is_taken_whatever_their_size() -> None:
    name = "\N{GRINNING FACE}" * 128
    assert events(b'GETSCRIPT "%b"\r\n' % name.encode()) == [c.GetScript(name)]


def test_a_name_stays_as_it_is_spelled() -> None:
    composed, decomposed = "\N{LATIN SMALL LETTER E WITH ACUTE}", "e\N{COMBINING ACUTE ACCENT}"
    for name in (composed, decomposed):
        assert events(b'GETSCRIPT "%b"\r\n' % name.encode()) == [c.GetScript(name)]


def test_a_script_that_is_too_large_is_skipped() -> None:
    sent = b'PUTSCRIPT "a" {40+}\r\n' + b"NOOP\r\n" * 6 + b"keep" + b"\r\nLOGOUT\r\n"
    problem, after = events(*(sent[at : at + 7] for at in range(0, len(sent), 7)), limits=Limits(literals=39))
    assert isinstance(problem, Problem)
    assert isinstance(problem.error, TooLarge)
    assert problem.error.code == "QUOTA/MAXSIZE"
    assert after == c.Logout()


def test_the_limit_is_for_all_literals_of_a_command_together() -> None:
    sent = b"PUTSCRIPT {6+}\r\n123456 {6+}\r\n123456\r\nNOOP\r\n"
    assert len(events(sent, limits=Limits(literals=12))) == 2
    problem, after = events(sent, limits=Limits(literals=11))
    assert isinstance(problem, Problem)
    assert isinstance(problem.error, TooLarge)
    assert after == c.Noop()


def test_a_line_that_is_too_long_is_skipped_with_the_literal_behind_it() -> None:
    sent = b'PUTSCRIPT "%b" {6+}\r\nNOOP\r\n\r\nLOGOUT\r\n' % (b"a" * 100)
    assert refusals(sent, limits=Limits(lines=100)) == ["the line has more than 100 octets", ""]


def test_a_broken_word_before_a_literal_takes_the_literal_with_it() -> None:
    assert refusals(b'PUTSCRIPT "a {6+}\r\nNOOP\r\n\r\nLOGOUT\r\n') == ["expected a string or a word at octet 11", ""]


def test_empty_lines_between_commands_are_nothing() -> None:
    assert events(b"\r\nNOOP\r\n\r\nLOGOUT\r\n") == [c.Noop(), c.Logout()]


@pytest.mark.parametrize("octets", [b'"dGVzdA=="\r\n', b"{8+}\r\ndGVzdA==\r\n"])
def test_the_response_to_a_challenge_is_a_string(octets: bytes) -> None:
    receiver = Receiver()
    receiver.expect_response()
    receiver.feed(octets + b"NOOP\r\n")
    assert receiver.next_event() == Response(b"dGVzdA==")
    assert receiver.next_event() == c.Noop()


@pytest.mark.parametrize("octets", [b"dGVzdA==\r\n", b"\r\n", b'"a" "b"\r\n', b'"a\r\n'])
def test_anything_else_ends_the_exchange(octets: bytes) -> None:
    receiver = Receiver()
    receiver.expect_response()
    receiver.feed(octets + b"NOOP\r\n")
    assert isinstance(receiver.next_event(), Problem)
    assert receiver.next_event() == c.Noop()
