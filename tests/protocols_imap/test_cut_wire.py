# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire is cut anywhere, and anything may come over it."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.imap.commands import Append, Command
from protocols.imap.receiver import Continue, Event, Limits, Problem, Receiver

from .reading import MemorySpool, Spools, events, pending
from .test_clients import SESSIONS, wire
from .writing import commands, written

SMALL = Limits(line=300, literal=40, append=60, spool_above=8, literals=4)
EVERYTHING_THAT_GOES_WRONG = (
    b"a NOOP\r\n b\r\nc XYZZY {5+}\r\nab\r\nc {3+}\r\n\r\n\r\r\nd APPEND x {9+}\r\n123456789 {3+}\r\nabc\r\n"
    b"e APPEND x {70+}\r\n" + b"e" * 70 + b" ~{2+}\r\n\0\0\r\nf LOGIN {3+}\r\nbob {50+}\r\n" + b"f" * 50 + b"\r\n"
    b"g SELECT "
    + b"g" * 400
    + b"{4+}\r\nx\r\ny\r\nh APPEND x (\\Seen) ~{12+}\r\n\0\1\2\3\4\5\6\7\x08\x09\r\n\r\ni NOOP\n"
)


def seen(found: Iterable[Event]) -> list[object]:
    """Events in a form that can be compared: spools by what is in them, errors by what they say."""
    return [_comparable(event) for event in found]


def _comparable(event: Event) -> object:
    match event:
        case Problem(tag, error, fatal):
            return tag, type(error), str(error), fatal
        case Append(tag, mailbox, messages):
            bodies = [
                message.body.data if isinstance(message.body, MemorySpool) else message.body for message in messages
            ]
            return tag, mailbox, bodies, [message.flags for message in messages]
        case _:
            return event


def test_one_octet_at_a_time_gives_the_same_events() -> None:
    octets = [EVERYTHING_THAT_GOES_WRONG[at : at + 1] for at in range(len(EVERYTHING_THAT_GOES_WRONG))]
    whole = events(EVERYTHING_THAT_GOES_WRONG, limits=SMALL)
    assert seen(events(*octets, limits=SMALL)) == seen(whole)
    tags = [event.tag for event in whole if isinstance(event, Problem | Command)]
    assert tags == ["a", "*", "c", "d", "e", "f", "g", "h", "i"]


def test_every_place_of_a_cut_gives_the_same_events() -> None:
    whole = seen(events(EVERYTHING_THAT_GOES_WRONG, limits=SMALL))
    for cut in range(len(EVERYTHING_THAT_GOES_WRONG)):
        pieces = EVERYTHING_THAT_GOES_WRONG[:cut], EVERYTHING_THAT_GOES_WRONG[cut:]
        assert seen(events(*pieces, limits=SMALL)) == whole


@settings(max_examples=100)
@given(st.sampled_from(sorted(SESSIONS)), st.data())
def test_a_session_may_be_cut_anywhere(name: str, data: st.DataObject) -> None:
    octets = wire(name)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(octets)), max_size=12)))
    pieces = [octets[start:end] for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    assert seen(events(*pieces)) == seen(events(octets))


@settings(max_examples=100)
@given(commands(), st.booleans())
def test_a_written_command_reads_back(command: Command, utf8: bool) -> None:
    assert events(written(command, utf8=utf8), utf8=utf8) == [command]


@settings(max_examples=100)
@given(
    st.lists(
        st.binary(max_size=40) | st.sampled_from([b"a ", b"UID ", b"{3+}\r\n", b"{9}\r\n", b"\r\n", b'"', b"("]),
        max_size=20,
    )
)
def test_random_octets_never_break_the_receiver(pieces: list[bytes]) -> None:
    receiver = Receiver(Spools(), SMALL)
    for piece in pieces:
        receiver.feed(piece)
        pending(receiver)
    receiver.close()


@settings(max_examples=100)
@given(st.data())
def test_a_damaged_line_is_read_or_refused_under_its_tag(data: st.DataObject) -> None:
    line = bytearray(data.draw(st.sampled_from([line for line in wire("Apple Mail").splitlines() if b" " in line])))
    at = data.draw(st.integers(line.index(b" ") + 1, len(line) - 1))
    line[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3)).replace(b"\n", b"")
    tag = line[: line.index(b" ")].decode()
    for event in events(bytes(line) + b"\r\n")[:1]:
        assert event == Continue() or getattr(event, "tag", None) == tag
