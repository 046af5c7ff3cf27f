# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of DATA and its stuffed dots, cut at every place."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.smtp.dots import Unstuffer, stuff
from protocols.smtp.hygiene import is_clean, normalise

LINES = st.lists(st.binary(max_size=8).map(lambda line: line.replace(b"\r", b"").replace(b"\n", b"")), max_size=8)
DOTTED = st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a.", b"..."]), max_size=8)
MESSAGES = st.one_of(LINES, DOTTED).map(lambda lines: b"".join(line + b"\r\n" for line in lines))
# Octets that make and break ends of lines, to be mixed at random.
WIRE = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\0", b"a", b"\r\n", b"\r\n."]), max_size=24).map(b"".join)

SMUGGLED = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\n.\r",
    b"\r.\n",
    b"\r\r\n.\r\n"[:4] + b"\n",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\r\n.\r\0\n",
    b"\r\n\r.\r\n",
    b"\n\n.\r\n",
    b"\r\n.\r\r\n",
    b"\r\0\n.\r\n",
    b"\x85.\x85",
    b"\xe2\x80\xa8.\xe2\x80\xa8",
]
"""What some server or other has taken for <CR><LF>.<CR><LF>."""


def read(chunks: list[bytes]) -> tuple[bytes, bytes | None]:
    """Feed all chunks; what follows the end is put together again."""
    unstuffer, message = Unstuffer(), b""
    for at, chunk in enumerate(chunks):
        data, rest = unstuffer.feed(chunk)
        message += data
        if rest is not None:
            return message, rest + b"".join(chunks[at + 1 :])
    return message, None


def cut(data: bytes, places: list[int]) -> list[bytes]:
    bounds = sorted({min(place, len(data)) for place in places} | {0, len(data)})
    return [data[a:b] for a, b in itertools.pairwise(bounds)]


@given(MESSAGES, st.binary(max_size=8), st.lists(st.integers(0, 80), max_size=6))
@settings(max_examples=100)
def test_what_is_stuffed_comes_back_wherever_it_is_cut(message: bytes, after: bytes, places: list[int]) -> None:
    assert read(cut(stuff(message) + after, places)) == (message, after)


def test_every_single_cut_of_one_message() -> None:
    message = b"..\r\n.\r\n\r\n. a\r\nb.\r\n"
    wire = stuff(message) + b"QUIT\r\n"
    for place in range(len(wire)):
        assert read(cut(wire, [place])) == (message, b"QUIT\r\n")
    assert read([wire[i : i + 1] for i in range(len(wire))]) == (message, b"QUIT\r\n")


@given(WIRE, st.lists(st.integers(0, 60), max_size=5))
@settings(max_examples=100)
def test_only_the_real_end_ends_and_cuts_change_nothing(wire: bytes, places: list[int]) -> None:
    message, rest = read([wire])
    assert read(cut(wire, places)) == (message, rest)
    assert (rest is not None) == (b"\r\n.\r\n" in b"\r\n" + wire)


@given(WIRE, st.lists(st.integers(0, 60), max_size=5))
@settings(max_examples=100)
def test_dirt_is_seen_wherever_the_wire_is_cut(wire: bytes, places: list[int]) -> None:
    """Each piece is looked at alone: so no piece may end between CR and LF."""
    unstuffer, pieces = Unstuffer(), []
    for chunk in cut(wire + b"\r\n.\r\n", places):
        data, rest = unstuffer.feed(chunk)
        pieces.append(data)
        if rest is not None:
            break
    assert all(map(is_clean, pieces)) == is_clean(b"".join(pieces))


@pytest.mark.parametrize("form", SMUGGLED, ids=repr)
def test_a_smuggled_end_is_part_of_a_message_that_is_dirty_or_harmless(form: bytes) -> None:
    wire = b"Subject: x\r\n\r\nbody" + form + b"MAIL FROM:<evil@far.test>\r\n.\r\nQUIT\r\n"
    message, rest = read([wire])
    assert rest == b"QUIT\r\n"
    assert b"MAIL FROM:<evil@far.test>" in message
    assert is_clean(message) == (form[0] > 127)


@given(WIRE)
@settings(max_examples=100)
def test_normalising_makes_clean_what_is_not_and_leaves_the_rest(wire: bytes) -> None:
    assert is_clean(normalise(wire))
    assert normalise(normalise(wire)) == normalise(wire)
    if is_clean(wire):
        assert normalise(wire) == wire
