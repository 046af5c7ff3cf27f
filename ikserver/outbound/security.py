# SPDX-License-Identifier: GPL-3.0-or-later
"""What is demanded of a connection: DANE where DNS is authentic, else MTA-STS, else TLS where it is offered."""

from __future__ import annotations

from dataclasses import dataclass

from ikserver.dns.api import DnsFailure, Resolver
from ikserver.outbound.api import CannotSend, NotSent
from ikserver.outbound.dane import usable
from ikserver.outbound.demand import Demand, Encrypted, Opportunistic, Pinned, Valid
from ikserver.outbound.mtasts import MtaSts
from protocols.smtp.mtasts import Mode

PORT = 25


@dataclass(frozen=True, slots=True)
class Policies:
    """`outbound.sending.Security` that asks DNS and the domains."""

    resolver: Resolver
    sts: MtaSts

    async def demand(self, domain: str, host: str, *, authentic: bool) -> Demand:
        """Raises CannotSend. DANE goes before MTA-STS (RFC 8461, 2)."""
        pinned = await self._dane(host) if authentic else None
        if pinned is not None:
            return pinned
        policy = (await self.sts.policy(domain)).policy
        if policy is None or policy.mode is not Mode.ENFORCE:
            return Opportunistic()
        if not policy.allows(host):
            raise CannotSend(NotSent("4.7.5", f"The MTA-STS policy of {domain} does not name its host {host}"))
        return Valid()

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
