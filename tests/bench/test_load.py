# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages that servers are loaded with, and when a queue has become empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dkim
import pytest

from bench.smtp.draining import drain
from bench.smtp.keys import make_key, record
from bench.smtp.mails import mail, signed


@pytest.mark.parametrize("size", [1_000, 10_000])
def test_messages_have_their_size_and_differ(size: int) -> None:
    messages = [mail(size, number) for number in range(50)]
    assert all(size - 80 <= len(message) <= size for message in messages)
    assert len({message.partition(b"\r\n\r\n")[2] for message in messages}) == 50
    assert all(message.endswith(b"\r\n") and b"\n." not in message for message in messages)


def test_signed_messages_verify_with_the_record_that_is_published(tmp_path: Path) -> None:
    make_key(tmp_path / "key.pem")
    key = (tmp_path / "key.pem").read_bytes()
    for message in signed(1_000, key, 3):
        assert dkim.verify(message, dnsfunc=lambda *_, **__: record(key).encode())


def test_a_queue_is_timed_from_its_first_message_that_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    left: Iterator[int] = iter([5, 5, 4, 2, 0])
    now = iter([100.0, 102.0])
    monkeypatch.setattr("bench.smtp.draining.time.perf_counter", lambda: next(now))
    assert drain(lambda: next(left)) == 2.0
