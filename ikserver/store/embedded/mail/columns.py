# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages as columns: eight arrays in step, ascending by UID. In the database they lie in pages, by `uid >> 8`."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress

from ikserver.store.api import mail as api

PAGE_BITS = 8
"""A page is a function of the UID, so nothing has to be balanced; a page that expunges have thinned stays thin."""

TYPECODES = "IHQqhIII"
_SWAP = sys.byteorder == "big"


def pack(column: array[int]) -> bytes:
    """A column as the database keeps it: little-endian on every machine."""
    if _SWAP:
        column = column[:]
        column.byteswap()
    return column.tobytes()


def unpack(typecode: str, data: bytes | bytearray) -> array[int]:
    column = array(typecode)
    column.frombytes(data)
    if _SWAP:
        column.byteswap()
    return column


def uid_array(uids: Iterable[int] = ()) -> array[int]:
    """UIDs and body numbers have 32 bits (RFC 9051, 2.3.1.1)."""
    return array("I", uids)


def mapped(flagsets: array[int], after: Mapping[int, int]) -> array[int]:
    """Every number replaced by another; small numbers, which are all that most accounts have, with no step a row."""
    if max(*after, *after.values()) > 255:
        return array("H", map(after.__getitem__, flagsets))
    octets = bytearray(pack(flagsets))
    octets[::2] = octets[::2].translate(bytes.maketrans(bytes(after), bytes(after.values())))
    return unpack("H", octets)


class Columns:
    """One row a message; `flagsets` are numbers of flags.py, `dates` seconds, `zones` minutes east of UTC.

    `saved` is when the message came to the mailbox in seconds (RFC 8514, 3), 0 where an older ikserver put it there.
    """

    __slots__ = ("bodies", "dates", "flagsets", "modseqs", "saved", "sizes", "uids", "zones")

    def __init__(self, *columns: array[int]) -> None:
        """In the order of the page tables; those that are not given are empty."""
        every = [*columns, *(array(code) for code in TYPECODES[len(columns) :])]
        self.uids, self.flagsets, self.modseqs, self.dates, self.zones, self.sizes, self.bodies, self.saved = every

    def __len__(self) -> int:
        return len(self.uids)

    def arrays(self) -> tuple[array[int], ...]:
        return (
            self.uids,
            self.flagsets,
            self.modseqs,
            self.dates,
            self.zones,
            self.sizes,
            self.bodies,
            self.saved,
        )

    def extend(self, other: Columns, start: int = 0, end: int | None = None) -> None:
        """Add rows `start` to `end` of `other`."""
        for mine, theirs in zip(self.arrays(), other.arrays(), strict=True):
            mine.extend(theirs[start:end])

    def split(self, rows: Sequence[int]) -> tuple[Columns, Columns]:
        """The rows of these numbers, and the others."""
        if len(rows) == len(self):
            return self, Columns()
        chosen = bytearray(len(self))
        for row in rows:
            chosen[row] = 1
        return self._compressed(chosen), self._compressed(bytes(not one for one in chosen))

    def _compressed(self, wanted: Iterable[int]) -> Columns:
        return Columns(*(array(column.typecode, compress(column, wanted)) for column in self.arrays()))

    def span(self, page: int) -> tuple[int, int]:
        """Where the rows of a page begin and end."""
        start = bisect_left(self.uids, page << PAGE_BITS)
        return start, bisect_left(self.uids, (page + 1) << PAGE_BITS, start)

    def by_page(self) -> Iterator[tuple[int, Columns]]:
        """The rows cut where pages end."""
        start = 0
        while start < len(self):
            page = self.uids[start] >> PAGE_BITS
            _, end = self.span(page)
            rows = Columns()
            rows.extend(self, start, end)
            yield page, rows
            start = end


class Wanted:
    """A set of UIDs that is asked page by page."""

    def __init__(self, uids: Iterable[int]) -> None:
        self._uids = uid_array(sorted(uids))

    def pages(self) -> list[int]:
        """The pages that they fall into, ascending."""
        pages, start = [], 0
        while start < len(self._uids):
            pages.append(self._uids[start] >> PAGE_BITS)
            start = bisect_left(self._uids, (pages[-1] + 1) << PAGE_BITS, start)
        return pages

    def among(self, uids: array[int]) -> list[int]:
        """Rows of `uids`, which belong to one page, that are wanted."""
        start = bisect_left(self._uids, uids[0])
        here = self._uids[start : bisect_left(self._uids, uids[-1] + 1, start)]
        if here == uids:
            return list(range(len(uids)))
        wanted = set(here)
        return [row for row, uid in enumerate(uids) if uid in wanted]


def frozen(columns: api.Columns) -> Columns:
    """A copy that follows nothing any more."""
    held = (
        columns.uids,
        columns.flagsets,
        columns.modseqs,
        columns.dates,
        columns.zones,
        columns.sizes,
        columns.bodies,
        columns.saved,
    )
    return Columns(*map(array, TYPECODES, held))


def ranges_of(uids: array[int]) -> array[int]:
    """Ascending UIDs as (first, last) pairs in one array."""
    pairs = uid_array()
    for uid in uids:
        if pairs and pairs[-1] == uid - 1:
            pairs[-1] = uid
        else:
            pairs.extend((uid, uid))
    return pairs


def from_ranges(pairs: array[int]) -> Iterator[range]:
    """What `ranges_of` packed."""
    return (range(first, last + 1) for first, last in zip(pairs[::2], pairs[1::2], strict=True))
