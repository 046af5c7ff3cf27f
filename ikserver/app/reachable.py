# SPDX-License-Identifier: GPL-3.0-or-later
"""Can other servers reach a host that takes mail, with TLS, and do they find its name when it sends?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ikserver.app.doctor import Finding, Level
from ikserver.dns.api import DnsFailure, Resolver
from ikserver.outbound.api import CannotSend
from ikserver.outbound.connecting import Connecting
from ikserver.outbound.demand import Terms, Valid

PORT = 25
NO_TLS, BAD_TLS = "4.7.4", "4.7.5"


@dataclass(frozen=True, slots=True)
class Reachable:
    """Looks at hosts from where the server is, which may not be how others see them."""

    resolver: Resolver
    connecting: Connecting

    async def receiving(self, host: str) -> Sequence[Finding]:
        """A host that an MX record names."""
        try:
            alias, addresses = await asyncio.gather(self.resolver.cname(host), addresses_of(self.resolver, host))
        except DnsFailure as failure:
            return [Finding("mx", Level.FAULT, f"{host} cannot be found now: {failure}")]
        if alias.records:
            # RFC 5321, 5.1: the name in an MX record has addresses of its own.
            text = f"{host} is an alias (CNAME) of {alias.records[0]}: name that one in the MX record"
            return [Finding("mx", Level.FAULT, text)]
        if not addresses:
            return [_no_address(host)]
        return await asyncio.gather(*(self._tls(host, address) for address in addresses))

    async def sending(self, host: str) -> Sequence[Finding]:
        """Our own host: receivers ask for the names of its addresses."""
        try:
            addresses = await addresses_of(self.resolver, host)
        except DnsFailure as failure:
            return [Finding("reverse", Level.FAULT, f"{host} cannot be found now: {failure}")]
        if not addresses:
            return [_no_address(host)]
        return await asyncio.gather(*(self._reverse(host, address) for address in addresses))

    async def _reverse(self, host: str, address: str) -> Finding:
        try:
            names = (await self.resolver.ptr(address)).records
        except DnsFailure as failure:
            return Finding("reverse", Level.FAULT, f"the name of {address} cannot be known now: {failure}")
        if host in names:
            return Finding("reverse", Level.OK, f"{address} is named {host}")
        known = f"is named {', '.join(names)}" if names else "has no name"
        cure = f"ask your provider to set its reverse name (PTR) to {host}"
        return Finding("reverse", Level.FAULT, f"{address} {known}: {cure}")

    async def _tls(self, host: str, address: str) -> Finding:
        try:
            link = await self.connecting.to(host, address, PORT, Terms(Valid()))
        except CannotSend as failure:
            return _no_tls(host, failure)
        await link.quit()
        return Finding("tls", Level.OK, f"{host} ({address}) has a certificate for its name")


async def addresses_of(resolver: Resolver, host: str) -> Sequence[str]:
    """IPv4 and IPv6. Raises DnsFailure."""
    four, six = await asyncio.gather(resolver.a(host), resolver.aaaa(host))
    return [*four.records, *six.records]


def _no_address(host: str) -> Finding:
    return Finding("mx", Level.FAULT, f"{host} has no address: publish an A or AAAA record for it")


def _no_tls(host: str, failure: CannotSend) -> Finding:
    match failure.outcome.status:
        case status if status == BAD_TLS:
            text = f"{failure.outcome.text}: get a certificate for {host}, or others send without knowing whom to"
            return Finding("tls", Level.WARNING, text)
        case status if status == NO_TLS:
            return Finding("tls", Level.FAULT, f"{host} offers no TLS")
        case _:
            return Finding("tls", Level.FAULT, f"{failure.outcome.text}: others must reach its port {PORT}")
