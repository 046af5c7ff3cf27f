# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a domain set up so that its mail comes and goes? What is wrong is named with its cure (DIA-01)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence

from ikserver.accounts.transportpolicy import HOST_PREFIX, policy_of
from ikserver.app.admitting import resolver
from ikserver.app.doctor import Finding, Level
from ikserver.app.naming import host_name
from ikserver.app.published import Published
from ikserver.app.reachable import Reachable
from ikserver.app.records import domain_keys, wanted_records
from ikserver.app.stores import Stores
from ikserver.delivery.authentication.spf import SpfChecker
from ikserver.dns.api import DnsFailure, Resolver
from ikserver.model.account import Domain
from ikserver.outbound.api import Dial, straight
from ikserver.outbound.connecting import Connecting
from ikserver.outbound.https import Https
from ikserver.outbound.routing import Routing
from ikserver.outbound.wire import Timeouts
from ikserver.settings import Settings
from protocols.smtp.mtasts import BadPolicy, Mode, Policy, parse_policy

PATIENCE = Timeouts(connect=10, greeting=20, command=20)


def published(settings: Settings, stores: Stores, dns: Resolver | None = None) -> Published:
    """Who compares DNS with what it should say."""
    dns = dns or resolver(settings)
    return Published(dns, SpfChecker(dns, stores.threads), host_name(settings))


async def examine_domain(
    settings: Settings, stores: Stores, name: str, *, dial: Dial = straight, trusted: ssl.SSLContext | None = None
) -> AsyncIterator[Finding]:
    """All that was looked at of a domain of ours; without `trusted`, certificates are those that the system trusts.

    Raises NotFound, OSError, ValueError.
    """
    known = await stores.directory.domains.find(name)
    domain = known.name
    dns, host = resolver(settings), host_name(settings)
    keys = await asyncio.to_thread(domain_keys(settings).ensure, domain)
    for finding in await published(settings, stores, dns).look(wanted_records(settings, known, keys), keys):
        yield finding
    if known.mta_sts is not Mode.NONE:
        yield await _policy(known, policy_of(known, host), Https(Routing(dns, host), dial, trusted))
    reachable = Reachable(dns, Connecting(host, PATIENCE, dial))
    for each in await _exchangers(dns, domain):
        for finding in await reachable.receiving(each):
            yield finding
    if settings.outbound.smarthost is None:
        for finding in await reachable.sending(host):
            yield finding


async def _policy(domain: Domain, wanted: Policy, https: Https) -> Finding:
    """What others get who want to know whether they must use TLS."""
    # A policy that cannot be had is no policy, unless others have remembered one that is enforced.
    level = Level.FAULT if domain.mta_sts is Mode.ENFORCE else Level.WARNING
    try:
        found = parse_policy(await https.policy(domain.name))
    except (OSError, BadPolicy) as error:
        text = f"the policy of {domain.name} cannot be had: {error}"
        if isinstance(error, ssl.SSLError):
            text += f": get a certificate for {HOST_PREFIX}{domain.name}"
        return Finding("mta-sts", level, text)
    if found != wanted:
        return Finding("mta-sts", level, f"the policy of {domain.name} is another one: {found.mode.value}, {found.mx}")
    return Finding("mta-sts", Level.OK, f"the policy of {domain.name} says {found.mode.value}")


async def _exchangers(dns: Resolver, domain: str) -> Sequence[str]:
    try:
        return sorted({record.host for record in (await dns.mx(domain)).records if record.host})
    except DnsFailure:
        return []
