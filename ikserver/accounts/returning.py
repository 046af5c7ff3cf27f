# SPDX-License-Identifier: GPL-3.0-or-later
"""Redirected mail goes on under an address of ours, and what is sent to that address goes back to its sender."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ikserver.accounts.api import Forward, Local, Login, Route, Router, Unknown
from protocols.smtp.srs import Srs, is_rewritten

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Returning:
    """A Router that knows the way back, before it asks another one."""

    router: Router
    srs: Srs
    clock: Callable[[], float] = time.time

    async def route(self, address: str, size: int = 0) -> Route:
        """See Router."""
        local, _, domain = address.rpartition("@")
        if not is_rewritten(local) or not await self.router.is_local_domain(domain):
            return await self.router.route(address, size)
        sender = self.srs.back(local, self._day())
        return Unknown(address) if sender is None else Local(address, (), (Forward(sender, address),))

    async def may_send_as(self, login: Login, sender: str) -> bool:
        """See Router."""
        return await self.router.may_send_as(login, sender)

    async def is_local_domain(self, domain: str) -> bool:
        """See Router."""
        return await self.router.is_local_domain(domain)

    async def onward(self, sender: str, by: str) -> str:
        """The sender of what the address `by` of ours redirects. Our own domains may send as themselves, and the null
        sender stays what it is."""
        if not sender or await self.router.is_local_domain(sender.rpartition("@")[2]):
            return sender
        return self.srs.onward(sender, by.rpartition("@")[2], self._day())

    def _day(self) -> int:
        return int(self.clock() // DAY)
