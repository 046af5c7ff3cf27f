# SPDX-License-Identifier: GPL-3.0-or-later
"""What the way to other servers stands on, and the work that keeps it safe: policies that are refreshed."""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import dataclass

from ikserver.app.stores import Stores
from ikserver.dns.api import Resolver
from ikserver.outbound.connecting import Connecting
from ikserver.outbound.https import Https
from ikserver.outbound.mtasts import MtaSts
from ikserver.outbound.routing import Routing
from ikserver.outbound.security import Policies
from ikserver.settings import Settings

PERIOD_SECONDS = 3_600.0
logger = logging.getLogger("ikserver.app")


@dataclass(frozen=True, slots=True)
class Hop:
    """From us to the next server."""

    routing: Routing
    connecting: Connecting
    policies: Policies

    async def run(self) -> None:
        """Never returns."""
        while True:
            try:
                await self.policies.sts.refresh()
            except Exception:
                logger.exception("mta-sts-refresh-failed")
            await asyncio.sleep(PERIOD_SECONDS)


def open_hop(settings: Settings, stores: Stores, dns: Resolver) -> Hop:
    """From the settings."""
    hostname = settings.hostname or socket.getfqdn()
    routing = Routing(dns, hostname)
    sts = MtaSts(dns, Https(routing).policy, stores.sts_policies)
    return Hop(routing, Connecting(hostname), Policies(dns, sts))
