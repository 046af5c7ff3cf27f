# SPDX-License-Identifier: GPL-3.0-or-later
"""What is demanded of a connection: DANE where DNS is authentic, else MTA-STS, else TLS where it is offered.

The sender of a message may demand more (REQUIRETLS) or less (TLS-Required: No).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ikserver.dns.api import DnsFailure, Resolver, Tlsa
from ikserver.model.tls import TlsWish
from ikserver.outbound.api import CannotSend, NotSent
from ikserver.outbound.dane import usable
from ikserver.outbound.demand import Encrypted, Opportunistic, Pinned, Session, Terms, Valid
from ikserver.outbound.mtasts import Found, MtaSts
from ikserver.outbound.routing import Hosts
from protocols.smtp.mtasts import Mode, Policy
from protocols.tlsrpt.model import Applied, Kind, Result

PORT = 25


Tell = Callable[[str, Applied, Session], None]
"""Of a session with a server of a domain, under a policy."""


def untold(domain: str, policy: Applied, session: Session) -> None:
    """The Tell of a sender that reports nothing."""


@dataclass(frozen=True, slots=True)
class Policies:
    """`outbound.sending.Security` that asks DNS and the domains. `tell` is told how it goes (RFC 8460)."""

    resolver: Resolver
    sts: MtaSts
    tell: Tell = untold

    async def terms(self, domain: str, host: str, hosts: Hosts, wish: TlsWish) -> Terms:
        """Raises CannotSend. DANE goes before MTA-STS (RFC 8461, 2)."""
        if wish is TlsWish.NOT_REQUIRED:
            return Terms(Opportunistic())
        if hosts.authentic and (records := await self._tlsa(domain, host)):
            told = partial(self.tell, domain, Applied(Kind.TLSA, host, tuple(map(str, records))))
            if pinned := usable(records):
                return Terms(Pinned(pinned), told)
            # RFC 7672, 2.2: records of no use demand encryption all the same.
            return Terms(Valid() if wish is TlsWish.REQUIRED else Encrypted(), told)
        return await self._by_sts(domain, host, hosts, wish)

    async def _by_sts(self, domain: str, host: str, hosts: Hosts, wish: TlsWish) -> Terms:
        """RFC 8461, 5."""
        found = await self.sts.policy(domain)
        if found.failure is not None:
            self.tell(domain, Applied(Kind.STS, domain), Session(host, found.failure))
        policy, told = found.policy, partial(self.tell, domain, _applied(domain, found))
        enforced = policy is not None and policy.mode is Mode.ENFORCE
        strange = policy is not None and policy.mode is not Mode.NONE and not policy.allows(host)
        if strange:
            told(Session(host, Result.VALIDATION_FAILURE, reason="the policy does not name the host"))
        if strange and enforced:
            raise CannotSend(NotSent("4.7.5", f"The MTA-STS policy of {domain} does not name its host {host}"))
        if wish is TlsWish.REQUIRED and not _vouched_for(host, hosts, policy):
            raise CannotSend(NotSent("4.7.5", f"Neither DNSSEC nor MTA-STS vouches that {host} is a host of {domain}"))
        if enforced or wish is TlsWish.REQUIRED:
            return Terms(Valid(), told)
        if strange:
            return Terms(Opportunistic())
        testing = policy is not None and policy.mode is Mode.TESTING
        return Terms(Valid(enforced=False) if testing else Opportunistic(), told)

    async def _tlsa(self, domain: str, host: str) -> Sequence[Tlsa]:
        """Records that DNS vouches for (RFC 7672, 2.2). Raises CannotSend."""
        try:
            # RFC 7672, 2.2.2: TLSA records count only when the host's own addresses are authentic too.
            if not (await self.resolver.a(host)).authentic and not (await self.resolver.aaaa(host)).authentic:
                return ()
            found = await self.resolver.tlsa(f"_{PORT}._tcp.{host}")
        except DnsFailure as failure:
            # RFC 7672, 2.1.2: a host whose records cannot be had is not tried without them.
            why = f"DNS cannot tell about the certificate of {host}: {failure}"
            self.tell(domain, Applied(Kind.TLSA, host), Session(host, Result.DNSSEC_INVALID, reason=str(failure)))
            raise CannotSend(NotSent("4.4.3", why)) from failure
        return found.records if found.authentic else ()


def _applied(domain: str, found: Found) -> Applied:
    """The policy as reports show it (RFC 8460, 4.5)."""
    if found.policy is None or found.policy.mode is Mode.NONE:
        return Applied(Kind.NONE, domain)
    lines = (line.strip() for line in found.text.decode("utf-8", "replace").splitlines())
    return Applied(Kind.STS, domain, tuple(line for line in lines if line), found.policy.mx)


def _vouched_for(host: str, hosts: Hosts, policy: Policy | None) -> bool:
    """Whether somebody who wants the mail could not have named the host (RFC 8689, 2)."""
    if hosts.authentic or not hosts.by_mx:
        return True
    return policy is not None and policy.mode is not Mode.NONE and policy.allows(host)
