# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a domain set up so that its mail comes and goes? What is wrong is named with its cure (DIA-01)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence

from ikserver.app.admitting import resolver
from ikserver.app.doctor import Finding
from ikserver.app.published import Published
from ikserver.app.reachable import Reachable
from ikserver.app.records import domain_keys, wanted_records
from ikserver.app.stores import Stores
from ikserver.delivery.authentication.spf import SpfChecker
from ikserver.dns.api import DnsFailure, Resolver
from ikserver.outbound.api import Dial, straight
from ikserver.outbound.connecting import Connecting
from ikserver.outbound.wire import Timeouts
from ikserver.settings import Settings

PATIENCE = Timeouts(connect=10, greeting=20, command=20)


def published(settings: Settings, stores: Stores, dns: Resolver | None = None) -> Published:
    """Who compares DNS with what it should say."""
    dns = dns or resolver(settings)
    return Published(dns, SpfChecker(dns, stores.threads), _host(settings))


async def examine_domain(
    settings: Settings, stores: Stores, name: str, *, dial: Dial = straight
) -> AsyncIterator[Finding]:
    """All that was looked at of a domain of ours. Raises NotFound, OSError, ValueError."""
    domain = (await stores.directory.domains.find(name)).name
    dns, host = resolver(settings), _host(settings)
    keys = await asyncio.to_thread(domain_keys(settings).ensure, domain)
    for finding in await published(settings, stores, dns).look(wanted_records(settings, domain, keys), keys):
        yield finding
    reachable = Reachable(dns, Connecting(host, PATIENCE, dial))
    for each in await _exchangers(dns, domain):
        for finding in await reachable.receiving(each):
            yield finding
    if settings.outbound.smarthost is None:
        for finding in await reachable.sending(host):
            yield finding


async def _exchangers(dns: Resolver, domain: str) -> Sequence[str]:
    try:
        return sorted({record.host for record in (await dns.mx(domain)).records if record.host})
    except DnsFailure:
        return []


def _host(settings: Settings) -> str:
    return (settings.hostname or socket.getfqdn()).lower()
