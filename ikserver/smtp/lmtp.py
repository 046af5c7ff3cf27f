# SPDX-License-Identifier: GPL-3.0-or-later
"""Port 24: final delivery for another mail server of the same house (RFC 2033)."""

from __future__ import annotations

from dataclasses import dataclass

from ikserver.accounts.api import Elsewhere, Local, Login, Route, Router
from ikserver.smtp.role import never_elsewhere


@dataclass(frozen=True, slots=True)
class Lmtp:
    """As port 25, with one answer a recipient: so what fails here stays in the client's queue."""

    name: str = "lmtp"
    greeting: str = "LMTP"
    keyword: str = "LMTP"
    hello: frozenset[str] = frozenset({"LHLO"})
    authenticates: bool = False
    each: bool = True
    strangers: bool = False

    async def check_sender(self, router: Router, login: Login | None, sender: str) -> None:
        return None

    def check_recipient(self, route: Route) -> Local | Elsewhere:
        return never_elsewhere(route)

    def completion(self, data: bytes, host: str, seconds: float) -> bytes:
        return b""
