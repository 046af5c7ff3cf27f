# SPDX-License-Identifier: GPL-3.0-or-later
"""Base64 on the wire, the empty initial response and the star that cancels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sasl import Cancelled, Malformed
from protocols.sasl.transfer import decode_initial, decode_response, encode


@given(st.binary(max_size=200))
def test_what_is_encoded_is_read_back(data: bytes) -> None:
    assert decode_response(encode(data)) == data


def test_an_equals_sign_is_an_empty_initial_response() -> None:
    assert decode_initial(b"=") == b""
    assert decode_initial(None) is None
    assert decode_initial(b"AHRpbQ==") == b"\0tim"


def test_a_star_cancels() -> None:
    with pytest.raises(Cancelled):
        decode_response(b"*")


@pytest.mark.parametrize("line", [b"=", b"AHRpbQ", b"AHRp bQ==", b"AHRpbQ==x", b"!"])
def test_other_lines_are_malformed(line: bytes) -> None:
    with pytest.raises(Malformed):
        decode_response(line)
