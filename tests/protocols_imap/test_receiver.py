# SPDX-License-Identifier: GPL-3.0-or-later
"""How octets become events: literals, limits, and how reading goes on after a refusal."""

from __future__ import annotations

from protocols.imap.commands import Append, AppendMessage, Authenticate, Idle, Login, Noop, Select, StartTls
from protocols.imap.errors import BadCommand, TooBig, TooMany, Unavailable
from protocols.imap.receiver import Continue, Event, Limits, Line, Problem, Receiver

from .reading import MemorySpool, Spools, events, pending

SMALL = Limits(line=200, literal=20, append=1000, spool_above=10, literals=5)


def problem(event: Event | None) -> Problem:
    assert isinstance(event, Problem)
    return event


def test_pipelined_commands_come_one_after_another() -> None:
    assert events(b"a1 NOOP\r\na2 SELECT inbox\r\n") == [Noop("a1"), Select("a2", "INBOX")]


def test_a_line_may_end_with_lf_alone() -> None:
    assert events(b"a1 NOOP\na2 LOGIN {3+}\nbob x\n") == [Noop("a1"), Login("a2", "bob", "x")]


def test_a_synchronising_literal_asks_for_leave() -> None:
    receiver = Receiver(Spools())
    receiver.feed(b"a LOGIN {3}\r\n")
    assert pending(receiver) == [Continue()]
    receiver.feed(b"bob {6}\r\n")
    assert pending(receiver) == [Continue()]
    receiver.feed(b"secret\r\n")
    assert pending(receiver) == [Login("a", "bob", "secret")]


def test_a_non_synchronising_literal_comes_at_once() -> None:
    assert events(b"A001 LOGIN {11+}\r\nFRED FOOBAR {7+}\r\nfat man\r\n") == [Login("A001", "FRED FOOBAR", "fat man")]


def test_an_empty_literal_is_an_empty_string() -> None:
    assert events(b"a LOGIN bob {0+}\r\n\r\n") == [Login("a", "bob", "")]


def test_a_literal_may_hold_what_looks_like_another() -> None:
    assert events(b"a LOGIN {6+}\r\n{3+}\r\n x\r\n") == [Login("a", "{3+}\r\n", "x")]


def test_small_messages_stay_in_memory_and_large_ones_are_spooled() -> None:
    spools = Spools()
    receiver = Receiver(spools, SMALL)
    receiver.feed(b"a APPEND x {5+}\r\nsmall {30+}\r\n" + b"A" * 13)
    assert pending(receiver) == []
    assert spools.made[0].data == b"A" * 13  # as it arrives, not at the end
    receiver.feed(b"A" * 17 + b"\r\n")
    (append,) = pending(receiver)
    assert append == Append("a", "x", (AppendMessage(b"small"), AppendMessage(spools.made[0])))
    receiver.close()
    assert not spools.made[0].discarded  # the command owns it now


def test_many_small_messages_do_not_fill_the_memory() -> None:
    (append,) = events(b"a APPEND x" + b" {9+}\r\n123456789" * 5 + b"\r\n", limits=SMALL)
    assert isinstance(append, Append)
    assert [isinstance(message.body, bytes) for message in append.messages] == [True, True, False, False, False]


def test_a_literal_over_the_limit_gets_no_leave() -> None:
    receiver = Receiver(Spools(), SMALL)
    receiver.feed(b"a APPEND x {1001}\r\n")
    (refused,) = pending(receiver)
    assert isinstance(problem(refused).error, TooBig)
    assert problem(refused).tag == "a"
    receiver.feed(b"b NOOP\r\n")  # the client saw the refusal and goes on
    assert pending(receiver) == [Noop("b")]


def test_a_literal_over_the_limit_is_skipped_when_it_comes_anyway() -> None:
    refused, after = events(
        b"a APPEND x {1001+}\r\n", b"z" * 500, b"z" * 501 + b" {4+}\r\n", b"zzzz\r\nb NOOP\r\n", limits=SMALL
    )
    assert isinstance(problem(refused).error, TooBig)
    assert after == Noop("b")


def test_ordinary_literals_have_their_own_limit() -> None:
    refused, after = events(b"a LOGIN {11+}\r\nbobbobbobbo {10+}\r\n0123456789\r\nb NOOP\r\n", limits=SMALL)
    assert isinstance(problem(refused).error, TooBig)
    assert after == Noop("b")


def test_a_command_may_not_bring_any_number_of_literals() -> None:
    refused, after = events(b"a APPEND x" + b" {1+}\r\nm" * 6 + b"\r\nb NOOP\r\n", limits=SMALL)
    assert isinstance(problem(refused).error, TooMany)
    assert after == Noop("b")


def test_the_spool_of_a_refused_command_is_discarded() -> None:
    spools = Spools()
    receiver = Receiver(spools, SMALL)
    receiver.feed(b"a APPEND x {30+}\r\n" + b"A" * 30 + b" nonsense\r\nb NOOP\r\n")
    refused, after = pending(receiver)
    assert isinstance(problem(refused).error, BadCommand)
    assert spools.made[0].discarded
    assert after == Noop("b")


def test_the_spool_of_a_lost_connection_is_discarded() -> None:
    spools = Spools()
    receiver = Receiver(spools, SMALL)
    receiver.feed(b"a APPEND x {30+}\r\nAAA")
    assert pending(receiver) == []
    receiver.close()
    assert spools.made[0].discarded


def test_a_spooled_literal_is_no_mailbox_name() -> None:
    refused, after = events(b"a APPEND {30+}\r\n" + b"A" * 30 + b" {1+}\r\nm\r\nb NOOP\r\n", limits=SMALL)
    assert isinstance(problem(refused).error, BadCommand)
    assert after == Noop("b")


def test_a_full_disk_is_told_when_the_message_has_passed() -> None:
    class FullDisk(MemorySpool):
        def write(self, data: bytes) -> None:
            raise OSError("no space left")

    receiver = Receiver(FullDisk, SMALL)
    receiver.feed(b"a APPEND x {30+}\r\n" + b"A" * 30 + b" {3+}\r\nabc\r\nb NOOP\r\n")
    refused, after = pending(receiver)
    assert isinstance(problem(refused).error, Unavailable)
    assert after == Noop("b")


def test_a_spool_that_cannot_be_made_is_told_at_once() -> None:
    def no_room() -> MemorySpool:
        raise OSError("no space left")

    receiver = Receiver(no_room, SMALL)
    receiver.feed(b"a APPEND x {30}\r\n")
    (refused,) = pending(receiver)
    assert isinstance(problem(refused).error, Unavailable)
    receiver.feed(b"b APPEND x {30+}\r\n" + b"A" * 30 + b"\r\nc NOOP\r\n")
    refused, after = pending(receiver)
    assert isinstance(problem(refused).error, Unavailable)
    assert after == Noop("c")


def test_nul_is_refused_in_text_and_in_literals() -> None:
    for wire in (
        b"a LOGIN b\0b x\r\n",
        b'a LOGIN "b\0b" x\r\n',
        b"a LOGIN {3+}\r\nb\0b x\r\n",
        b"a APPEND x {3+}\r\na\0b\r\n",
    ):
        refused, after = events(wire + b"b NOOP\r\n")
        assert isinstance(problem(refused).error, BadCommand)
        assert problem(refused).tag == "a"
        assert after == Noop("b")


def test_nul_is_refused_in_a_spooled_literal() -> None:
    spools = Spools()
    receiver = Receiver(spools, SMALL)
    receiver.feed(b"a APPEND x {30+}\r\n" + b"\0" * 30 + b"\r\nb NOOP\r\n")
    refused, after = pending(receiver)
    assert isinstance(problem(refused).error, BadCommand)
    assert spools.made[0].discarded
    assert after == Noop("b")


def test_literal8_may_hold_nul_but_only_as_a_message() -> None:
    assert events(b"a APPEND x ~{3+}\r\na\0b\r\n") == [Append("a", "x", (AppendMessage(b"a\0b", binary=True),))]
    (refused,) = events(b"a LOGIN ~{3+}\r\nbob x\r\n")
    assert isinstance(problem(refused).error, BadCommand)


def test_an_unknown_command_is_refused_before_its_literal() -> None:
    receiver = Receiver(Spools())
    receiver.feed(b"a XYZZY {5}\r\n")
    (refused,) = pending(receiver)
    assert problem(refused).tag == "a"
    receiver.feed(b"b XYZZY {5+}\r\nNOOP\n more {2+}\r\n\r\n\r\nc NOOP\r\n")
    refused, after = pending(receiver)
    assert problem(refused).tag == "b"
    assert after == Noop("c")


def test_a_line_without_a_tag_is_answered_with_a_star() -> None:
    for line in (b"\r\n", b" NOOP\r\n", b"+ NOOP\r\n", b"* NOOP\r\n", b"\xff NOOP\r\n"):
        refused, after = events(line + b"b NOOP\r\n")
        assert problem(refused).tag == "*"
        assert after == Noop("b")


def test_a_line_that_is_too_long_is_refused_once_and_skipped() -> None:
    receiver = Receiver(Spools(), SMALL)
    receiver.feed(b"a SELECT " + b"x" * 300)
    (refused,) = pending(receiver)
    assert problem(refused).tag == "a"
    assert not problem(refused).fatal
    receiver.feed(b"x" * 300)
    receiver.feed(b"x {6+")
    receiver.feed(b"}\r")
    receiver.feed(b"\nc NOOP\r\nb NOOP\r\n")
    assert pending(receiver) == [Noop("b")]


def test_the_text_of_a_command_is_limited_as_a_whole() -> None:
    refused, after = events(
        b"a SEARCH" + (b" BODY " + b"x" * 90 + b" SUBJECT {1+}\r\ny") * 3 + b"\r\nb NOOP\r\n", limits=SMALL
    )
    assert problem(refused).tag == "a"
    assert after == Noop("b")


def test_limits_may_grow_at_login() -> None:
    receiver = Receiver(Spools(), Limits(append=0))
    receiver.feed(b"a APPEND x {3}\r\n")
    (refused,) = pending(receiver)
    assert isinstance(problem(refused).error, TooBig)
    receiver.limits = Limits()
    receiver.feed(b"b NOOP\r\nc APPEND x {3}\r\n")
    assert pending(receiver) == [Noop("b"), Continue()]


def test_the_line_after_authenticate_and_idle_is_no_command() -> None:
    receiver = Receiver(Spools())
    receiver.feed(b"a AUTHENTICATE PLAIN\r\nAGJvYgB4\r\nb IDLE\r\nDONE\r\nc NOOP\r\n")
    assert receiver.next_event() == Authenticate("a", "PLAIN", None)
    receiver.expect_line()
    assert receiver.next_event() == Line(b"AGJvYgB4")
    assert receiver.next_event() == Idle("b")
    receiver.expect_line()
    assert receiver.next_event() == Line(b"DONE")
    assert receiver.next_event() == Noop("c")


def test_a_line_may_be_asked_for_while_the_receiver_waits() -> None:
    receiver = Receiver(Spools())
    receiver.feed(b"b IDLE\r\n")
    assert pending(receiver) == [Idle("b")]
    receiver.expect_line()
    receiver.feed(b"DONE {3}\r\n")
    assert pending(receiver) == [Line(b"DONE {3}")]


def test_an_endless_answer_to_a_challenge_ends_the_connection() -> None:
    receiver = Receiver(Spools(), SMALL)
    receiver.expect_line()
    receiver.feed(b"A" * 300)
    (refused,) = pending(receiver)
    assert problem(refused) == Problem("*", problem(refused).error, fatal=True)


def test_what_was_sent_with_starttls_can_be_taken_away() -> None:
    receiver = Receiver(Spools())
    receiver.feed(b"a STARTTLS\r\nb LOGIN mallory x\r\n")
    assert receiver.next_event() == StartTls("a")
    assert receiver.drain() == b"b LOGIN mallory x\r\n"
    assert receiver.next_event() is None
    receiver.feed(b"c NOOP\r\n")
    assert receiver.next_event() == Noop("c")
