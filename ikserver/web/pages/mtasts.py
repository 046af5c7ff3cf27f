# SPDX-License-Identifier: GPL-3.0-or-later
"""`https://mta-sts.DOMAIN/.well-known/mta-sts.txt`: that mail for our domains needs TLS (RFC 8461, 3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from ikserver.accounts.transportpolicy import HOST_PREFIX, policy_of
from ikserver.store.api.directory import Directory
from ikserver.web.exchange import NOT_FOUND, TEXT, Answer, Asked, Route
from protocols.smtp.mtasts import render_policy

PATH = "/.well-known/mta-sts.txt"


@dataclass(frozen=True, slots=True)
class MtaStsPage:
    """The policies of all domains of `directory`, which all have the server `hostname` as their MX."""

    directory: Directory
    hostname: str

    def routes(self) -> list[Route]:
        """All of them."""
        return [Route(PATH, self.policy)]

    async def policy(self, asked: Asked) -> Answer:
        """Of the domain whose policy host was asked."""
        domain = await self.directory.domains.lookup(asked.host.removeprefix(HOST_PREFIX))
        if domain is None or not asked.host.startswith(HOST_PREFIX):
            return NOT_FOUND
        return Answer(200, render_policy(policy_of(domain, self.hostname)), TEXT, {"Cache-Control": "max-age=3600"})
