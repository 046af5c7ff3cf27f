# SPDX-License-Identifier: GPL-3.0-or-later
"""What is demanded of a connection: DANE where DNS is authentic, else MTA-STS, else TLS where it is offered.

The sender of a message may demand more (REQUIRETLS) or less (TLS-Required: No).
"""

from __future__ import annotations

from dataclasses import dataclass

from ikserver.dns.api import DnsFailure, Resolver
from ikserver.model.tls import TlsWish
from ikserver.outbound.api import CannotSend, NotSent
from ikserver.outbound.dane import usable
from ikserver.outbound.demand import Demand, Encrypted, Opportunistic, Pinned, Valid
from ikserver.outbound.mtasts import MtaSts
from ikserver.outbound.routing import Hosts
from protocols.smtp.mtasts import Mode, Policy

PORT = 25


@dataclass(frozen=True, slots=True)
class Policies:
    """`outbound.sending.Security` that asks DNS and the domains."""

    resolver: Resolver
    sts: MtaSts

    async def demand(self, domain: str, host: str, hosts: Hosts, wish: TlsWish) -> Demand:
        """Raises CannotSend. DANE goes before MTA-STS (RFC 8461, 2)."""
        if wish is TlsWish.NOT_REQUIRED:
            return Opportunistic()
        required = wish is TlsWish.REQUIRED
        pinned = await self._dane(host) if hosts.authentic else None
        if isinstance(pinned, Pinned) or (pinned is not None and not required):
            return pinned
        policy = (await self.sts.policy(domain)).policy
        if policy is not None and policy.mode is Mode.ENFORCE and not policy.allows(host):
            raise CannotSend(NotSent("4.7.5", f"The MTA-STS policy of {domain} does not name its host {host}"))
        if required and not _vouched_for(host, hosts, policy):
            raise CannotSend(NotSent("4.7.5", f"Neither DNSSEC nor MTA-STS vouches that {host} is a host of {domain}"))
        return Valid() if required or (policy is not None and policy.mode is Mode.ENFORCE) else Opportunistic()

    async def _dane(self, host: str) -> Demand | None:
        """None without records that DNS vouches for (RFC 7672, 2.2)."""
        try:
            # RFC 7672, 2.2.2: TLSA records count only when the host's own addresses are authentic too.
            if not (await self.resolver.a(host)).authentic and not (await self.resolver.aaaa(host)).authentic:
                return None
            found = await self.resolver.tlsa(f"_{PORT}._tcp.{host}")
        except DnsFailure as failure:
            # RFC 7672, 2.1.2: a host whose records cannot be had is not tried without them.
            raise CannotSend(
                NotSent("4.4.3", f"DNS cannot tell about the certificate of {host}: {failure}")
            ) from failure
        if not found.authentic or not found.records:
            return None
        records = usable(found.records)
        return Pinned(records) if records else Encrypted()


def _vouched_for(host: str, hosts: Hosts, policy: Policy | None) -> bool:
    """Whether somebody who wants the mail could not have named the host (RFC 8689, 2)."""
    if hosts.authentic or not hosts.by_mx:
        return True
    return policy is not None and policy.mode is not Mode.NONE and policy.allows(host)
