# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies and their enhanced codes (RFC 2034, RFC 3463)."""

from __future__ import annotations

import re

import pytest

from protocols.smtp import replies
from protocols.smtp.replies import Reply, parse

OWN = {name: value for name, value in vars(replies).items() if isinstance(value, Reply)}


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("220 mail.example.org ESMTP", Reply(220, "", "mail.example.org ESMTP")),
        ("500 Command line too long", Reply(500, "5.5.2", "Command line too long")),
        ('500 Error: command "X" not recognized', Reply(500, "5.5.2", 'Error: command "X" not recognized')),
        ("500 Error: bad syntax", Reply(500, "5.5.2", "Error: bad syntax")),
        ("530 5.7.0 Authentication required", Reply(530, "5.7.0", "Authentication required")),
        ("554 No", Reply(554, "5.0.0", "No")),
        ("no reply at all", replies.LOCAL_ERROR),
    ],
)
def test_what_the_library_says_gets_an_enhanced_code(text: str, reply: Reply) -> None:
    assert parse(text) == reply


@pytest.mark.parametrize("name", OWN)
def test_a_reply_fits_its_classes(name: str) -> None:
    reply = OWN[name]
    assert parse(str(reply)) == reply or reply == replies.SEND_DATA
    if reply.enhanced:
        assert re.fullmatch(r"[245]\.[0-7]\.\d{1,3}", reply.enhanced)
        assert reply.enhanced[0] == str(reply.code)[0]
    assert str(reply).isascii()
    assert len(str(reply)) <= 510
