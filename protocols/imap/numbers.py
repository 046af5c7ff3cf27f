# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of sequence numbers and UIDs (RFC 9051, 9: sequence-set)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from protocols.imap.errors import BadCommand

STAR = 0
"""`*`, the largest number in use. Zero is no number of RFC 9051, 9 (nz-number), so it is free to stand for it."""

_LARGEST = 2**32 - 1
_ELEMENT = rb"(?:[1-9]\d{0,9}|\*)"
_SET = re.compile(rb"%b(?::%b)?(?:,%b(?::%b)?)*" % ((_ELEMENT,) * 4))


@dataclass(frozen=True, slots=True)
class NumberSet:
    """Ranges as the client wrote them: (first, last), STAR allowed in both. `saved` is `$` (RFC 5182, 2.1)."""

    ranges: tuple[tuple[int, int], ...]
    saved: bool = False

    def has_star(self) -> bool:
        """Whether `*` stands anywhere in the set."""
        return any(first == STAR or last == STAR for first, last in self.ranges)


SAVED = NumberSet((), saved=True)
EVERYTHING = NumberSet(((1, STAR),))


def parse_set(text: bytes) -> NumberSet:
    """Read a sequence-set such as `1:5,9,*` or `$`; raises ValueError when it is none."""
    if text == b"1:*":
        return EVERYTHING
    if text == b"$":
        return SAVED
    if not _SET.fullmatch(text):
        raise ValueError("not a sequence-set")
    return NumberSet(tuple(_range(element) for element in text.split(b",")))


def _range(element: bytes) -> tuple[int, int]:
    first, colon, last = element.partition(b":")
    low = _number(first)
    return low, _number(last) if colon else low


def _number(digits: bytes) -> int:
    number = STAR if digits == b"*" else int(digits)
    if number > _LARGEST:
        raise ValueError("number above 4294967295")
    return number


def render(numbers: Sequence[int]) -> str:
    """Write strictly ascending numbers as a set, runs as ranges: `1:3,5`. The empty sequence gives ""."""
    if not numbers:
        return ""
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return _span(numbers[0], numbers[-1])
    parts = []
    first = last = numbers[0]
    for number in numbers:
        if number > last + 1:
            parts.append(_span(first, last))
            first = number
        last = number
    parts.append(_span(first, last))
    return ",".join(parts)


def _span(first: int, last: int) -> str:
    return f"{first}:{last}" if first != last else str(first)


def uid_spans(numbers: NumberSet, uids: Sequence[int]) -> list[tuple[int, int]]:
    """Where in the ascending `uids` the set's members stand: half-open index spans, ascending, apart from each other.

    UIDs that do not exist are passed over without an error (RFC 9051, 6.4.9). `*` is the last UID in use, also as one
    end of a range that begins above it (RFC 9051, 9: seq-number). `$` is the session's to resolve first.
    """
    if not uids:
        return []
    if numbers is EVERYTHING:
        return [(0, len(uids))]
    merged = _merged(numbers, uids[-1])
    spans = ((bisect_left(uids, first), bisect_right(uids, last)) for first, last in merged)
    return [(start, stop) for start, stop in spans if start < stop]


def uids_in(numbers: NumberSet, uids: Sequence[int]) -> list[int]:
    """The members of the set among the ascending `uids`, ascending and each once."""
    return [uid for start, stop in uid_spans(numbers, uids) for uid in uids[start:stop]]


def number_spans(numbers: NumberSet, count: int) -> list[tuple[int, int]]:
    """Half-open index spans (sequence number less one) of the set in a mailbox of `count` messages, ascending.

    Raises BadCommand for a number above `count`, or `*` in an empty mailbox (RFC 9051, 9: seq-number).
    """
    highest = max((max(pair) for pair in numbers.ranges), default=0)
    if highest > count or (not count and numbers.ranges):
        raise BadCommand(f"the mailbox has {count} messages, the set asks for more")
    return [(first - 1, last) for first, last in _merged(numbers, count)]


def numbers_in(numbers: NumberSet, count: int) -> list[int]:
    """The sequence numbers of the set, ascending and each once. Raises as `number_spans`."""
    return [number for start, stop in number_spans(numbers, count) for number in range(start + 1, stop + 1)]


def _merged(numbers: NumberSet, last: int) -> Iterable[tuple[int, int]]:
    """Closed ranges with `*` filled in, in order, overlapping and adjacent ones joined."""
    if len(numbers.ranges) == 1:
        return [_in_order(*numbers.ranges[0], last)]
    merged: list[tuple[int, int]] = []
    for first, end in sorted(_in_order(*pair, last) for pair in numbers.ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((first, end))
    return merged


def _in_order(first: int, last: int, largest: int) -> tuple[int, int]:
    """RFC 9051, 9: seq-range holds all values between its two ends "regardless of order"."""
    first, last = first or largest, last or largest
    return (first, last) if first <= last else (last, first)
