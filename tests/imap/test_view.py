# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbering of a view, without a server."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ikserver.imap.view import expand, gone

UIDS = st.sets(st.integers(1, 200)).map(sorted)


@given(UIDS, st.data())
def test_gone_rows_are_those_that_the_new_column_lacks(old: list[int], data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.sampled_from(old)) if old else st.just(set[int]()))
    added = data.draw(st.sets(st.integers(201, 230)))
    spans = gone(old, sorted(kept | added))
    assert [old[row] for row in expand(spans)] == [uid for uid in old if uid not in kept]
    assert all(start < stop for start, stop in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_gone_takes_time_by_runs_and_not_by_rows() -> None:
    class Counting(list[int]):
        looks = 0

        def __getitem__(self, key: object) -> int:  # type: ignore[override]
            self.looks += 1
            return list.__getitem__(self, key)  # type: ignore[call-overload,no-any-return]

    old = Counting(range(1, 100_001))
    new = [uid for uid in range(1, 100_001) if not 500 < uid <= 90_000]
    assert gone(old, new) == [(500, 90_000)]
    assert old.looks < 100
