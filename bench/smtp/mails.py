# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain messages of an exact-enough size."""

from __future__ import annotations

LINE = b"the quarterly report of the harbour project is attached below for review\r\n"


def mail(size: int, number: int) -> bytes:
    """Return a message of at most `size` octets and at least `size` - 80; the number makes it unlike the others."""
    head = (
        f"From: Sender <s{number % 50}@example.org>\r\nTo: <u@bench.test>\r\nSubject: load {number}\r\n"
        f"Message-ID: <l{number}.{size}@example.org>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    ).encode()
    return head + LINE * ((size - len(head)) // len(LINE))
