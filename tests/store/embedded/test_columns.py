# SPDX-License-Identifier: GPL-3.0-or-later
"""Columns on their own."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from ikserver.store.embedded.mail.columns import mapped

NUMBERS = st.integers(0, 255) | st.integers(0, 65_535)


@given(st.dictionaries(NUMBERS, NUMBERS, min_size=1), st.data())
def test_every_number_is_replaced_by_its_successor(after: dict[int, int], data: st.DataObject) -> None:
    before = data.draw(st.lists(st.sampled_from(list(after))))
    assert mapped(array("H", before), after).tolist() == [after[number] for number in before]
