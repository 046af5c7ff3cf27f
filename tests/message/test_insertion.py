# SPDX-License-Identifier: GPL-3.0-or-later
"""A message that got more fields is known as well as if it had been scanned anew."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.message import scan, with_fields
from tests.support import SHARED, needs_shared

PATH = b"Return-Path: <eve@far.test>\r\n"
FIELDS = b"X-Spam-Score: 0.0\r\nX-Spam-Status: No,\r\n\ttests=none\r\n"


def check(message: bytes) -> None:
    whole = PATH + b"Received: from a by b\r\n" + message
    behind = PATH + FIELDS + whole[len(PATH) :]
    assert with_fields(scan(whole), False, FIELDS) == scan(behind)
    assert with_fields(scan(whole), True, FIELDS) == scan(FIELDS + whole)
    assert with_fields(scan(whole), True, b"") == scan(whole)


@pytest.mark.parametrize("message", [b"", b"\r\n", b"no field\r\n\r\nbody", b"A: b\nTo: x@y\n\nbare", b"A: \xff\r\n"])
def test_whatever_follows(message: bytes) -> None:
    check(message)


@needs_shared
def test_of_the_whole_corpus() -> None:
    paths = sorted((SHARED / "corpus" / "eml").rglob("*.eml"))
    assert paths
    for path in paths:
        check(path.read_bytes())


PIECES = [b"Content-Type: multipart/mixed; boundary=x\r\n", b"\r\n", b"--x\r\n", b"--x--\r\n", b"A: b\r\n", b" c\r\n"]


@given(st.lists(st.sampled_from([*PIECES, b"Content-Type: message/rfc822\r\n", b"text", b"\n"]), max_size=12))
@settings(max_examples=100, deadline=None)
def test_of_any_message(pieces: list[bytes]) -> None:
    check(b"".join(pieces))
