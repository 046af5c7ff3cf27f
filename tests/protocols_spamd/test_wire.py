# SPDX-License-Identifier: GPL-3.0-or-later
"""What spamd is sent, and what its replies mean, as transcripts."""

from __future__ import annotations

import pytest

from protocols.spamd import BadReply, Reply, Told, parse_reply, symbols, tell


def test_a_message_is_sent_whole_behind_its_length() -> None:
    assert symbols(b"A: b\r\n\r\nno end") == b"SYMBOLS SPAMC/1.5\r\nContent-length: 14\r\n\r\nA: b\r\n\r\nno end"


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        (Told.SPAM, b"Message-class: spam\r\nSet: local\r\n"),
        (Told.HAM, b"Message-class: ham\r\nSet: local\r\n"),
        (Told.FORGOTTEN, b"Remove: local\r\n"),
    ],
)
def test_a_lesson_sets_or_removes_never_both(told: Told, fields: bytes) -> None:
    assert tell(b"x", told) == b"TELL SPAMC/1.5\r\n" + fields + b"Content-length: 1\r\n\r\nx"


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (
            b"SPAMD/1.1 0 EX_OK\r\nContent-length: 12\r\nSpam: True ; 1000.0 / 5.0\r\n\r\nGTUBE,NO_TO\n",
            Reply(True, 1000.0, 5.0, ("GTUBE", "NO_TO")),
        ),
        (b"SPAMD/1.1 0 EX_OK\r\nspam:False;-1.2/5.0\r\n\r\n", Reply(False, -1.2, 5.0, ())),
        (b"SPAMD/1.1 0 EX_OK\r\nDidSet: local\r\n\r\n", Reply()),
    ],
)
def test_a_reply_is_understood(data: bytes, reply: Reply) -> None:
    assert parse_reply(data) == reply


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"220 mail.example.org ESMTP\r\n",
        b"SPAMD/1.1 74 EX_IOERR\r\n\r\n",
        b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; 1.2.3 / 5.0\r\n\r\n",
    ],
)
def test_what_is_no_verdict_is_told_apart(data: bytes) -> None:
    with pytest.raises(BadReply):
        parse_reply(data)
