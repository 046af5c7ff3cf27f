# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts take mail for a domain, in which order (RFC 5321, 5.1), and which addresses they have."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import chain, zip_longest

from ikserver.dns.api import DnsFailure, Mx, Resolver
from ikserver.outbound.api import CannotSend, NotSent

MAX_HOSTS = 10
MAX_ADDRESSES = 6
"""Of one host. A domain must not keep us busy with addresses that do not answer."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """Host names, the best first. `authentic`: DNS vouches for the list (RFC 7672, 2.2.1).

    `by_mx` is False where the domain itself is the host.
    """

    names: tuple[str, ...]
    authentic: bool = False
    by_mx: bool = True


class Routing:
    """Asks DNS. `hostname` is our own name, to see that mail comes back to us."""

    def __init__(self, resolver: Resolver, hostname: str, chance: Callable[[], float] = random.random) -> None:
        self._resolver = resolver
        self._hostname = hostname.lower()
        self._chance = chance

    async def hosts(self, domain: str) -> Hosts:
        """Raises CannotSend."""
        if domain.startswith("["):
            return Hosts((_literal(domain),), by_mx=False)
        try:
            found = await self._resolver.mx(domain)
            if found.records:
                return Hosts(self._ordered(domain, found.records), found.authentic)
            if found.exists:
                return Hosts((domain,), found.authentic, by_mx=False)
        except DnsFailure as failure:
            raise _dns_failed(domain, failure) from failure
        raise CannotSend(NotSent("5.1.2", f"There is no domain {domain}"))

    async def addresses(self, host: str) -> Sequence[str]:
        """Of a host: IPv6 and IPv4 in turn. Raises CannotSend."""
        if _is_address(host):
            return [host]
        six, four = await asyncio.gather(self._resolver.aaaa(host), self._resolver.a(host), return_exceptions=True)
        known = [() if isinstance(each, BaseException) else each.records for each in (six, four)]
        found = [each for each in chain(*zip_longest(*known)) if each is not None]
        if found:
            return found[:MAX_ADDRESSES]
        for failure in (six, four):
            if isinstance(failure, DnsFailure):
                raise _dns_failed(host, failure) from failure
            if isinstance(failure, BaseException):
                raise failure
        raise CannotSend(NotSent("5.4.4", f"The host {host} has no address"))

    def _ordered(self, domain: str, records: Sequence[Mx]) -> tuple[str, ...]:
        """By preference, and by chance where that is equal. What is not better than ourselves is cut off, or mail
        would go round (RFC 5321, 5.1)."""
        named = [record for record in records if record.host]
        if not named:
            # RFC 7505, 3: the one record that names no host.
            raise CannotSend(NotSent("5.1.10", f"The domain {domain} takes no mail"))
        own = min((r.preference for r in named if r.host == self._hostname), default=1 << 16)
        ordered = sorted((r.preference, self._chance(), r.host) for r in named if r.preference < own)
        if not ordered:
            raise CannotSend(NotSent("5.4.6", f"Mail for {domain} comes back to this server, which has no such domain"))
        return tuple(dict.fromkeys(host for _, _, host in ordered))[:MAX_HOSTS]


@dataclass(frozen=True, slots=True)
class Smarthost:
    """One host takes all mail. `user` "" signs in nowhere."""

    host: str
    port: int = 587
    user: str = ""
    password: str = ""
    verify: bool = True
    """Whether its certificate has to be valid for its name."""


def _literal(domain: str) -> str:
    """RFC 5321, 4.1.3."""
    address = domain[1:-1]
    return address[5:] if address[:5].lower() == "ipv6:" else address


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _dns_failed(name: str, failure: DnsFailure) -> CannotSend:
    return CannotSend(NotSent("4.4.3", f"DNS cannot tell about {name} now: {failure}"))
