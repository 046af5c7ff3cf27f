# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail for elsewhere: one process of a server sends it, and another takes over when that one ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import replace

from ikserver.aio import AsyncService
from ikserver.app.background import Background
from ikserver.app.hop import Hop, open_hop
from ikserver.app.lock import alone
from ikserver.app.records import domain_keys
from ikserver.app.routing import router
from ikserver.app.stores import Stores
from ikserver.delivery.filing import Filing
from ikserver.delivery.scripts.scripting import Scripting
from ikserver.dns.api import Resolver
from ikserver.outbound.keychoice import KeyChoice
from ikserver.outbound.localretry import USUAL, LocalRetry
from ikserver.outbound.outcomes import Outcomes
from ikserver.outbound.pacing import Pace
from ikserver.outbound.preparing import Preparing
from ikserver.outbound.reports import Reports
from ikserver.outbound.routing import Smarthost
from ikserver.outbound.runner import Outbound, OutboundLimits
from ikserver.outbound.schedule import Schedule
from ikserver.outbound.sending import Direct, Sending, Through, Ways
from ikserver.outbound.signing import DomainSigner
from ikserver.settings import Settings


def outbound_services(settings: Settings, stores: Stores, dns: Resolver) -> Sequence[AsyncService]:
    """Nothing when sending is turned off. Raises OSError when a password file is not there."""
    if not settings.outbound.enabled:
        return []
    hop = open_hop(settings, stores, dns)
    outbound = open_outbound(settings, stores, hop)
    return [Background("outbound", lambda: alone(settings.data, "outbound", lambda: _send(outbound, hop)))]


def local_retry(settings: Settings, stores: Stores, filing: Filing, scripting: Scripting) -> LocalRetry:
    """Who tries our own mailboxes again. Raises OSError."""
    given = settings.outbound
    hostname = settings.hostname or socket.getfqdn()
    reports = Reports(hostname, stores.queue, router(settings, stores), stores.threads)
    schedule = replace(USUAL, lifetime=given.lifetime, delay_notice=given.delay_notice)
    return LocalRetry(
        stores.queue, stores.mail, stores.spool, stores.threads, reports, filing, schedule, scripting=scripting
    )


def open_outbound(settings: Settings, stores: Stores, hop: Hop) -> Outbound:
    """The one who sends, from the settings. Raises OSError."""
    given = settings.outbound
    hostname = settings.hostname or socket.getfqdn()
    schedule = Schedule(given.first_retry, given.longest_retry, given.lifetime, given.delay_notice)
    each = given.max_connections_per_domain
    reports = Reports(hostname, stores.queue, router(settings, stores), stores.threads)
    signer = DomainSigner(
        hostname,
        KeyChoice(domain_keys(settings), hop.policies.resolver, stores.threads),
        stores.directory.domains,
        stores.threads,
    )
    preparing = Preparing(stores.queue, signer, stores.spool, stores.threads)
    return Outbound(
        stores.queue,
        Sending(_ways(settings, hop), preparing),
        Outcomes(stores.queue, reports, schedule),
        # A smarthost is one host, whatever the domain.
        OutboundLimits(given.max_connections, each) if given.smarthost is None else OutboundLimits(each, each, slow=0),
        pace=Pace(given.messages_per_minute, given.messages_per_minute_to),
    )


def _ways(settings: Settings, hop: Hop) -> Ways:
    given = settings.outbound
    if given.smarthost is None:
        return Direct(hop.routing, hop.connecting, hop.policies)
    path = given.smarthost_password_file
    password = "" if path is None else path.read_text(encoding="utf-8").strip()
    host = given.smarthost.host or "localhost"
    smarthost = Smarthost(host, given.smarthost.port, given.smarthost_user, password, given.smarthost_verify)
    return Through(smarthost, hop.routing, hop.connecting)


async def _send(outbound: Outbound, hop: Hop) -> None:
    """Never returns."""
    await asyncio.gather(outbound.run(), *(work() for work in hop.work))
