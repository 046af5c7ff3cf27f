# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports 587 and 465: our own people send from here to anywhere (RFC 6409)."""

from __future__ import annotations

from dataclasses import dataclass

from ikserver.accounts.api import Elsewhere, Local, Login, Route, Router
from ikserver.smtp.role import ours
from protocols.smtp.received import completion
from protocols.smtp.replies import AUTH_REQUIRED, SENDER_NOT_OWNED, Refused


@dataclass(frozen=True, slots=True)
class Submission:
    """Asks for a login, lets people send as themselves only, and adds the Date and Message-ID that a message lacks.

    The null sender is allowed, as in Postfix: read receipts have it (RFC 8098, 3).
    """

    name: str = "submission"
    greeting: str = "ESMTP"
    keyword: str = "SMTP"
    hello: frozenset[str] = frozenset({"HELO", "EHLO"})
    authenticates: bool = True
    each: bool = False
    strangers: bool = False

    async def check_sender(self, router: Router, login: Login | None, sender: str) -> None:
        """RFC 6409, 4.3 and 6.1."""
        if login is None:
            raise Refused(AUTH_REQUIRED)
        if sender and not await router.may_send_as(login, sender):
            raise Refused(SENDER_NOT_OWNED)

    def check_recipient(self, route: Route) -> Local | Elsewhere:
        return route if isinstance(route, Elsewhere) else ours(route)

    def completion(self, data: bytes, host: str, seconds: float) -> bytes:
        return completion(data, host, seconds)
