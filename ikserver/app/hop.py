# SPDX-License-Identifier: GPL-3.0-or-later
"""What the way to other servers stands on, and the work that keeps it safe: policies that are refreshed, and reports
on how it went."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from ikserver.app.feedback import reporter
from ikserver.app.routing import router
from ikserver.app.stores import Stores
from ikserver.dns.api import Resolver
from ikserver.outbound.connecting import Connecting
from ikserver.outbound.https import Https
from ikserver.outbound.mtasts import MtaSts
from ikserver.outbound.routing import Routing
from ikserver.outbound.security import Policies
from ikserver.outbound.tlsreports import TlsReports
from ikserver.outbound.tlstally import TlsTally
from ikserver.settings import Settings

PERIOD_SECONDS = 3_600.0
logger = logging.getLogger("ikserver.app")


@dataclass(frozen=True, slots=True)
class Hop:
    """From us to the next server. `work` are things to do all the time, which never return."""

    routing: Routing
    connecting: Connecting
    policies: Policies
    work: Sequence[Callable[[], Coroutine[Any, Any, None]]]


def open_hop(settings: Settings, stores: Stores, dns: Resolver) -> Hop:
    """From the settings. A smarthost has policies and reports of its own."""
    hostname = (settings.hostname or socket.getfqdn()).lower()
    routing, connecting = Routing(dns, hostname), Connecting(hostname)
    https = Https(routing)
    sts = MtaSts(dns, https.policy, stores.sts_policies)
    if settings.outbound.smarthost is not None:
        return Hop(routing, connecting, Policies(dns, sts), ())
    if not settings.reports.tls:
        return Hop(routing, connecting, Policies(dns, sts), (lambda: _refresh(sts),))
    tally = TlsTally(stores.tls_sessions)
    addresses = router(settings, stores)
    reports = TlsReports(stores.tls_sessions, stores.queue, addresses, dns, reporter(settings), https.post)
    work = (lambda: _refresh(sts), tally.run, reports.run)
    return Hop(routing, connecting, Policies(dns, sts, tally.add), work)


async def _refresh(sts: MtaSts) -> None:
    while True:
        try:
            await sts.refresh()
        except Exception:
            logger.exception("mta-sts-refresh-failed")
        await asyncio.sleep(PERIOD_SECONDS)
