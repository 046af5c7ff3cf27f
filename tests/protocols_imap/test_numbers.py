# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of numbers: read, written, and held against a mailbox."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.imap.errors import BadCommand
from protocols.imap.numbers import (
    EVERYTHING,
    SAVED,
    STAR,
    NumberSet,
    number_spans,
    numbers_in,
    parse_set,
    render,
    uid_spans,
    uids_in,
)

UIDS = [3, 4, 5, 9, 20]


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        (b"1", ((1, 1),)),
        (b"*", ((STAR, STAR),)),
        (b"4:2", ((4, 2),)),
        (b"*:4,7", ((STAR, 4), (7, 7))),
        (b"1:*", ((1, STAR),)),
        (b"4294967295", ((2**32 - 1, 2**32 - 1),)),
    ],
)
def test_a_set_is_read_as_written(text: bytes, ranges: tuple[tuple[int, int], ...]) -> None:
    assert parse_set(text) == NumberSet(ranges)


def test_the_saved_result_is_a_set_of_its_own() -> None:
    assert parse_set(b"$") == SAVED
    assert not SAVED.has_star()


@pytest.mark.parametrize(
    "text", [b"", b"0", b"01", b"1:", b":1", b"1,", b"1:2:3", b"1 2", b"-1", b"4294967296", b"1,$", b"a"]
)
def test_what_is_no_set_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the lexer names the place)
        parse_set(text)


@pytest.mark.parametrize(
    ("text", "members"),
    [
        (b"1:*", UIDS),
        (b"*", [20]),
        (b"*:4", [4, 5, 9, 20]),
        (b"100:*", [20]),  # the range 20:100 turned round: the last message is always in it
        (b"100", []),
        (b"9,3:4,4:5,9", [3, 4, 5, 9]),
        (b"6:8", []),
        (b"20:1", UIDS),
    ],
)
def test_uids_that_do_not_exist_are_passed_over(text: bytes, members: list[int]) -> None:
    assert uids_in(parse_set(text), UIDS) == members


def test_no_set_has_members_in_an_empty_mailbox() -> None:
    for text in (b"1:*", b"*", b"1", b"*:1"):
        assert uids_in(parse_set(text), []) == []


def test_spans_are_positions_in_the_mailbox() -> None:
    assert uid_spans(parse_set(b"20,4:5"), UIDS) == [(1, 3), (4, 5)]
    assert number_spans(parse_set(b"5,2:3"), 5) == [(1, 3), (4, 5)]


def test_sequence_numbers_are_expanded() -> None:
    assert numbers_in(EVERYTHING, 3) == [1, 2, 3]
    assert numbers_in(parse_set(b"*,3:2"), 5) == [2, 3, 5]


@pytest.mark.parametrize(("text", "count"), [(b"6", 5), (b"1:6", 5), (b"*", 0), (b"1:*", 0)])
def test_a_sequence_number_above_the_last_is_refused(text: bytes, count: int) -> None:
    with pytest.raises(BadCommand):
        number_spans(parse_set(text), count)


def test_runs_are_written_as_ranges() -> None:
    assert render([]) == ""
    assert render([7]) == "7"
    assert render([1, 2, 3]) == "1:3"
    assert render([1, 2, 4, 8, 9]) == "1:2,4,8:9"


@settings(max_examples=100)
@given(st.sets(st.integers(1, 300)))
def test_a_written_set_reads_back(numbers: set[int]) -> None:
    members = sorted(numbers)
    text = render(members)
    if members:
        assert uids_in(parse_set(text.encode()), range(1, 301)) == members
        assert all(after[0] > before[1] + 1 for before, after in pairwise(_bounds(text)))


def _bounds(text: str) -> list[tuple[int, int]]:
    return [(int(part.split(":")[0]), int(part.split(":")[-1])) for part in text.split(",")]


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=6),
    st.sets(st.integers(1, 50), min_size=1),
)
def test_members_are_those_of_the_definition(ranges: list[tuple[int, int]], uids: set[int]) -> None:
    last = max(uids)
    filled = [sorted((first or last, end or last)) for first, end in ranges]
    expected = sorted(uid for uid in uids if any(low <= uid <= high for low, high in filled))
    assert uids_in(NumberSet(tuple(ranges)), sorted(uids)) == expected
