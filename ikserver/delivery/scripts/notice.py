# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose script fails is told so, by a letter in the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

_TEXT = """\
From: Mail filter <{address}>\r
To: {address}\r
Subject: Your mail filter could not do its work\r
Date: {date}\r
Message-ID: <sieve-{id}@{domain}>\r
Auto-Submitted: auto-generated\r
MIME-Version: 1.0\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
\r
A message came for {address}, and a filter script met a problem with it.\r
No mail is lost: what the script could not take care of is in your inbox.\r
\r
{problems}\r
\r
You get this letter once a day at most, however often it happens.\r
"""
MOST = 20


def notice(address: str, id: str, problems: Sequence[str], seconds: float) -> bytes:
    """A whole message. `id` is that of the message that came."""
    lines = [line for problem in problems for line in problem.splitlines()][:MOST]
    return _TEXT.format(
        address=address,
        domain=address.rpartition("@")[2],
        id=id,
        date=format_datetime(datetime.fromtimestamp(int(seconds), UTC)),
        problems="\r\n".join(f"    {line}" for line in lines),
    ).encode("utf-8", "replace")
