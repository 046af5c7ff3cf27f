# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST and LSUB: both forms, options, and what makes a LIST extended."""

from __future__ import annotations

import pytest

from protocols.imap.commands import Command, List, Lsub

from .reading import command, refusal


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'LIST "" *', List("a", "", ("*",))),
        (b'LIST "" ""', List("a", "", ("",))),
        (b'LIST "" "inbox"', List("a", "", ("INBOX",))),
        (b"LIST arch/ %]x*", List("a", "arch/", ("%]x*",))),
        (b'LIST "" &U,BTFw-%', List("a", "", ("台北%",))),
        (b'LIST () "" *', List("a", "", ("*",), extended=True)),
        (b'LIST "" (a "b c")', List("a", "", ("a", "b c"), extended=True)),
        (b'LIST "" * RETURN ()', List("a", "", ("*",), extended=True)),
        (
            b'LIST (subscribed RECURSIVEMATCH) "" % RETURN (children SPECIAL-USE)',
            List("a", "", ("%",), ("SUBSCRIBED", "RECURSIVEMATCH"), ("CHILDREN", "SPECIAL-USE"), (), True),
        ),
        (b'LIST (REMOTE) "" %', List("a", "", ("%",), ("REMOTE",), extended=True)),
        (b'LIST (SPECIAL-USE) "" %', List("a", "", ("%",), ("SPECIAL-USE",), extended=True)),
        (
            b'LIST "" % RETURN (STATUS (MESSAGES UNSEEN) SUBSCRIBED)',
            List("a", "", ("%",), (), ("SUBSCRIBED",), ("MESSAGES", "UNSEEN"), True),
        ),
        (b'LSUB "" "*"', Lsub("a", "", "*")),
    ],
)
def test_a_line_is_understood(line: bytes, expected: Command) -> None:
    assert command(line) == expected


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"LIST", "BAD expected a space at octet 7"),
        (b'LIST ""', "BAD expected a space at octet 10"),
        (b'LIST "" ()', "BAD expected a mailbox pattern at octet 12"),
        (b'LIST (XYZZY) "" *', "BAD expected SUBSCRIBED or REMOTE or RECURSIVEMATCH or SPECIAL-USE at octet 9"),
        (b'LIST (RECURSIVEMATCH) "" *', "BAD RECURSIVEMATCH needs SUBSCRIBED beside it"),
        (b'LIST (REMOTE RECURSIVEMATCH) "" *', "BAD RECURSIVEMATCH needs SUBSCRIBED beside it"),
        (b'LIST "" * CHILDREN', "BAD expected RETURN at octet 13"),
        (b'LIST "" * RETURN (STATUS)', "BAD expected a space at octet 27"),
        (b'LIST "" * RETURN (XYZZY)', "BAD expected SUBSCRIBED or CHILDREN or SPECIAL-USE or STATUS at octet 21"),
        (b'LSUB "" (a b)', "BAD expected a mailbox pattern at octet 11"),
    ],
)
def test_a_refusal_says_what_was_expected_where(line: bytes, says: str) -> None:
    assert refusal(line) == says
