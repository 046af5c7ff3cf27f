# SPDX-License-Identifier: GPL-3.0-or-later
"""IDLE (RFC 9051, 6.3.13)."""

from __future__ import annotations

from ikserver.imap.session import Session
from protocols.imap.commands import Idle
from protocols.imap.responses import continuation


async def idle(session: Session, command: Idle) -> None:
    """Only a state: news is written when a hint comes, and the client's next line ends it (conversation.py)."""
    session.host.expect_line()
    session.send(continuation("idling"))
    session.idling = command.tag
