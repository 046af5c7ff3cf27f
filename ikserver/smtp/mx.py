# SPDX-License-Identifier: GPL-3.0-or-later
"""Port 25: mail from strangers for addresses of ours, and for nobody else."""

from __future__ import annotations

from dataclasses import dataclass

from ikserver.accounts.api import Elsewhere, Local, Login, Route, Router
from ikserver.smtp.role import never_elsewhere


@dataclass(frozen=True, slots=True)
class Mx:
    """Takes any sender; nothing is relayed and nothing is added but the trace."""

    name: str = "mx"
    greeting: str = "ESMTP"
    keyword: str = "SMTP"
    hello: frozenset[str] = frozenset({"HELO", "EHLO"})
    authenticates: bool = False
    each: bool = False
    strangers: bool = True

    async def check_sender(self, router: Router, login: Login | None, sender: str) -> None:
        return None

    def check_recipient(self, route: Route) -> Local | Elsewhere:
        return never_elsewhere(route)

    def completion(self, data: bytes, host: str, seconds: float) -> bytes:
        return b""
