# SPDX-License-Identifier: GPL-3.0-or-later
"""What clamd is sent, and what its replies mean, as transcripts."""

from __future__ import annotations

import pytest

from protocols.clamd import END, INSTREAM, PING, BadReply, chunk, is_pong, parse_reply


def test_a_stream_is_chunks_with_their_length_in_front_and_an_empty_one_at_the_end() -> None:
    sent = INSTREAM + chunk(b"Subject: x\r\n") + chunk(b"\r\n") + END
    assert sent == b"zINSTREAM\0\0\0\0\x0cSubject: x\r\n\0\0\0\x02\r\n\0\0\0\0"


def test_a_ping_is_answered_by_pong() -> None:
    assert PING == b"zPING\0"
    assert is_pong(b"PONG\0")
    assert not is_pong(b"")
    assert not is_pong(b"220 ftp.example.org\r\n")


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        (b"stream: OK\0", ""),
        (b"stream: OK\n", ""),
        (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", "Win.Test.EICAR_HDB-1"),
        (b"stream: {HEX}php.gzbase64.UNOFFICIAL FOUND\0", "{HEX}php.gzbase64.UNOFFICIAL"),
        (b"stream: a name\r\n550 of \xff octets FOUND\0", "a?name?550?of?octets"),
        (b"stream: " + b"long" * 100 + b" FOUND\0", "long" * 25),
    ],
)
def test_a_reply_names_what_was_found(reply: bytes, name: str) -> None:
    assert parse_reply(reply) == name


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"INSTREAM size limit exceeded. ERROR\0", "clamd says INSTREAM size limit exceeded. ERROR"),
        (b"stream: Can't allocate memory ERROR\0", "clamd says stream: Can't allocate memory ERROR"),
        (b"UNKNOWN COMMAND\0", "clamd says UNKNOWN COMMAND"),
        (b"", "clamd hung up"),
    ],
)
def test_what_is_no_verdict_is_refused(reply: bytes, reason: str) -> None:
    with pytest.raises(BadReply) as refused:
        parse_reply(reply)
    assert str(refused.value) == reason
