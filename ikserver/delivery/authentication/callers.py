# SPDX-License-Identifier: GPL-3.0-or-later
"""What DNS says of a client, whatever it sends: its names, and the lists that its address is on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network

from ikserver.delivery.authentication.rules import Zones
from ikserver.delivery.authentication.spf import SpfChecker
from ikserver.dns.api import Answer, DnsFailure, Resolver
from ikserver.dns.cache import Cache
from ikserver.model.authentication import Iprev, Listed, Result, Spf

MAX_NAMES = 5
"""Of one address. More are no better proof, and each costs a look-up."""
CACHED = 10_000
SECONDS = 60.0
"""How long it is known who called: a server that sends many messages is asked about once a minute."""
_LISTED = ip_network("127.0.0.0/8")
_REFUSED = ip_network("127.255.255.0/24")


@dataclass(frozen=True, slots=True)
class Caller:
    """`hello` is the result of SPF for the name that the client gave itself."""

    hello: Spf
    iprev: Iprev
    listed: tuple[Listed, ...]


class Callers:
    """Each is asked about once a minute, however many messages it sends."""

    def __init__(self, resolver: Resolver, spf: SpfChecker, clock: Callable[[], float] = time.monotonic) -> None:
        self._resolver = resolver
        self._spf = spf
        self._kept: Cache[tuple[str, str, Zones], Caller] = Cache(CACHED, clock)

    async def ask(self, peer: str, hello: str, zones: Zones) -> Caller:
        """`zones` are lists of addresses (RFC 5782). Never fails."""
        kept = self._kept.get((peer, hello, zones))
        if kept is not None:
            return kept.value
        found = Caller(
            *await asyncio.gather(
                self._spf.check(peer, "", hello), iprev(self._resolver, peer), self._listings(peer, zones)
            )
        )
        self._kept.put((peer, hello, zones), found, SECONDS)
        return found

    async def _listings(self, peer: str, zones: Zones) -> tuple[Listed, ...]:
        """RFC 5782, 2. A list that does not answer has nobody."""
        answers = await asyncio.gather(*(self._entry(f"{_reversed(peer)}.{zone}") for zone, _ in zones))
        found = zip(zones, answers, strict=True)
        return tuple(Listed(zone, answer, good=good) for (zone, good), answer in found if answer)

    async def _entry(self, name: str) -> tuple[str, ...]:
        try:
            records = (await self._resolver.a(name)).records
        except DnsFailure:
            return ()
        # RFC 5782, 2.1: entries are in 127.0.0.0/8. By its last network lists tell that they do not answer us.
        return tuple(record for record in records if (at := ip_address(record)) in _LISTED and at not in _REFUSED)


async def iprev(resolver: Resolver, peer: str) -> Iprev:
    """RFC 8601, 3: does a name of the address lead back to it? Never fails."""
    try:
        names = (await resolver.ptr(peer)).records[:MAX_NAMES]
    except DnsFailure:
        return Iprev(Result.TEMPERROR)
    if not names:
        return Iprev(Result.PERMERROR)
    forward = resolver.a if "." in peer else resolver.aaaa
    answers = await asyncio.gather(*map(forward, names), return_exceptions=True)
    for name, answer in zip(names, answers, strict=True):
        if isinstance(answer, Answer) and ip_address(peer) in map(ip_address, answer.records):
            return Iprev(Result.PASS, name)
    failed = any(isinstance(answer, DnsFailure) for answer in answers)
    return Iprev(Result.TEMPERROR if failed else Result.FAIL, names[0])


def _reversed(peer: str) -> str:
    """RFC 5782, 2.1 and 2.4."""
    address = ip_address(peer)
    if isinstance(address, IPv4Address):
        return ".".join(reversed(str(address).split(".")))
    return ".".join(reversed(address.exploded.replace(":", "")))
