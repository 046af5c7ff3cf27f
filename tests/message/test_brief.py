# SPDX-License-Identifier: GPL-3.0-or-later
"""What a list of messages needs of each: author, subject, Message-ID."""

from __future__ import annotations

import pytest

from protocols.message import Brief, brief


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (
            b"From: Ann <ann@a.test>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n a\r\n"
            b"Message-ID: <1@a.test>\r\n\r\nSubject: y",
            Brief("ann@a.test", "Grüße a", "<1@a.test>"),
        ),
        (b"", Brief()),
        (b"\r\nFrom: ann@a.test\r\n", Brief()),
        (b"From: a@a.test, b@a.test\r\n\r\n", Brief("a@a.test")),
        (b"From: friends: ann@a.test;\r\n\r\n", Brief("ann@a.test")),
        (b"From: Nobody\r\n\r\n", Brief()),
        (b"TLS-Required: No\r\n\r\n", Brief(tls_optional=True)),
        (b"TLS-Required:\r\n no\r\n\r\n", Brief(tls_optional=True)),
        (b"TLS-Required: yes\r\n\r\n", Brief()),
        # What could move the cursor of a terminal, or turn the direction of a line, does not.
        (b"Subject: =?utf-8?b?GzJKYeKArmI=?=\r\n\r\n", Brief(subject="2Ja b")),
    ],
)
def test_brief(message: bytes, found: Brief) -> None:
    assert brief(message) == found
