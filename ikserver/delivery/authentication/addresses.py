# SPDX-License-Identifier: GPL-3.0-or-later
"""What DNS says of a client's address: its name, and the lists that it is on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Address, ip_address, ip_network

from ikserver.dns.api import Answer, DnsFailure, Resolver
from ikserver.model.authentication import Iprev, Listed, Result

MAX_NAMES = 5
"""Of one address. More are no better proof, and each costs a look-up."""
_LISTED = ip_network("127.0.0.0/8")
_REFUSED = ip_network("127.255.255.0/24")


async def iprev(resolver: Resolver, peer: str) -> Iprev:
    """RFC 8601, 3: does a name of the address lead back to it? Never fails."""
    try:
        names = (await resolver.ptr(peer)).records[:MAX_NAMES]
        forward = resolver.a if "." in peer else resolver.aaaa
        answers = await asyncio.gather(*map(forward, names), return_exceptions=True)
    except DnsFailure:
        return Iprev(Result.TEMPERROR)
    if not names:
        return Iprev(Result.PERMERROR)
    for name, answer in zip(names, answers, strict=True):
        if isinstance(answer, Answer) and ip_address(peer) in map(ip_address, answer.records):
            return Iprev(Result.PASS, name)
    failed = any(isinstance(answer, DnsFailure) for answer in answers)
    return Iprev(Result.TEMPERROR if failed else Result.FAIL, names[0])


async def listings(resolver: Resolver, peer: str, bad: Sequence[str], good: Sequence[str]) -> tuple[Listed, ...]:
    """The lists that have the address (RFC 5782, 2). One that does not answer has nobody."""
    zones = [*((zone, False) for zone in bad), *((zone, True) for zone in good)]
    found = await asyncio.gather(*(_answers(resolver, f"{_reversed(peer)}.{zone}") for zone, _ in zones))
    return tuple(
        Listed(zone, answers, good=is_good) for (zone, is_good), answers in zip(zones, found, strict=True) if answers
    )


async def _answers(resolver: Resolver, name: str) -> tuple[str, ...]:
    try:
        records = (await resolver.a(name)).records
    except DnsFailure:
        return ()
    # RFC 5782, 2.1: entries are in 127.0.0.0/8; by its last network lists tell that they do not answer us.
    return tuple(record for record in records if (found := ip_address(record)) in _LISTED and found not in _REFUSED)


def _reversed(peer: str) -> str:
    """RFC 5782, 2.1 and 2.4."""
    address = ip_address(peer)
    if isinstance(address, IPv4Address):
        return ".".join(reversed(str(address).split(".")))
    return ".".join(reversed(address.exploded.replace(":", "")))
