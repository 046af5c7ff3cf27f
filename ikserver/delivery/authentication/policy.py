# SPDX-License-Identifier: GPL-3.0-or-later
"""DMARC: the policy of the domain that a message's From shows, applied to what SPF and DKIM have found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ikserver.delivery.authentication.domains import domain_of, organisational
from ikserver.dns.api import DnsFailure, Resolver
from ikserver.model.authentication import Disposition, Dmarc, Evaluated, Result
from protocols.dmarc import (
    Passed,
    Record,
    aligned,
    dkim_aligned,
    parse_record,
    records,
    sampled,
    spf_aligned,
    wanted,
)
from protocols.message.address import NO_DOMAIN, parse_addresses
from protocols.message.header import unfold

_record = lru_cache(maxsize=10_000)(parse_record)
_GRAVITY = [Disposition.NONE, Disposition.QUARANTINE, Disposition.REJECT]
MAX_AUTHORS = 5
"""Domains of one From. RFC 7489, 6.6.1 lets such messages be refused whole."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a domain has published. `at` is where the record is: its own name or that of the organisation above it.

    `exists` is asked of DNS only where the record says what then applies.
    """

    domain: str
    record: Record | None
    at: str = ""
    exists: bool = True
    failed: bool = False


def author_domains(fields: Sequence[tuple[bytes, bytes]]) -> list[str]:
    """The domains of all addresses in all From fields, each once (RFC 7489, 6.6.1)."""
    found: dict[str, None] = {}
    for name, raw in fields:
        if name == b"from":
            for address in parse_addresses(unfold(raw)):
                if address.host and address.host != NO_DOMAIN:
                    found[domain_of(address.host.decode("utf-8", "replace"))] = None
    return [domain for domain in found if domain]


async def published(resolver: Resolver, domains: Sequence[str]) -> Sequence[Published]:
    """What each of them has published; of more than `MAX_AUTHORS` nothing is asked. Never fails."""
    if len(domains) == 1:
        return [await _published(resolver, domains[0])]
    if len(domains) > MAX_AUTHORS:
        return [Published(domain, None) for domain in domains]
    return await asyncio.gather(*(_published(resolver, domain) for domain in domains))


async def _published(resolver: Resolver, domain: str) -> Published:
    """RFC 7489, 6.6.3: the record of the domain, or else that of its organisation."""
    try:
        for name in dict.fromkeys((domain, organisational(domain))):
            found = records((await resolver.txt(f"_dmarc.{name}")).records)
            if found:
                record = _record(found[0]) if len(found) == 1 else None
                asked = record is not None and record.nonexistent is not None and name != domain
                return Published(domain, record, name, not asked or await _exists(resolver, domain))
    except DnsFailure:
        return Published(domain, None, failed=True)
    return Published(domain, None)


async def _exists(resolver: Resolver, domain: str) -> bool:
    """It has an address or takes mail. Raises DnsFailure."""
    answers = await asyncio.gather(resolver.a(domain), resolver.aaaa(domain), resolver.mx(domain))
    return any(answer.records for answer in answers)


def decide(policies: Sequence[Published], passed: Passed, unsure: Passed, draw: int) -> Dmarc:
    """The result for all authors together: the one that is worst (RFC 7489, 6.6.1 and 6.6.2).

    `unsure` are the domains of which DNS could not tell whether they are proven.
    """
    if not policies:
        return Dmarc()
    if len(policies) > MAX_AUTHORS:
        return Dmarc(Result.PERMERROR, asked=Disposition.REJECT, reason="too many domains in From")
    results = [_decide_one(policy, passed, unsure, draw) for policy in policies]
    worst = max(results, key=lambda one: (_GRAVITY.index(one.asked), not one.aligned))
    return worst if len(results) == 1 else Dmarc(worst.result, "", all(r.aligned for r in results), worst.asked)


def _decide_one(published: Published, passed: Passed, unsure: Passed, draw: int) -> Dmarc:
    good = aligned(published.domain, passed, published.record, organisational)
    if published.failed:
        # RFC 7489, 6.6.3: a policy that cannot be had is not applied.
        return Dmarc(Result.TEMPERROR, published.domain, good)
    if published.record is None:
        return Dmarc(Result.NONE, published.domain, good)
    if good:
        return Dmarc(Result.PASS, published.domain, aligned=True, evaluated=_evaluated(published, passed))
    if aligned(published.domain, unsure, published.record, organisational):
        # What may pass tomorrow is not refused for good today. Only the author's own DNS can bring this about.
        return Dmarc(Result.TEMPERROR, published.domain, evaluated=_evaluated(published, passed))
    policy = wanted(published.record, subdomain=published.at != published.domain, exists=published.exists)
    applied = sampled(policy, published.record, draw)
    evaluated = _evaluated(published, passed, sampled_out=applied is not policy)
    return Dmarc(Result.FAIL, published.domain, asked=Disposition(applied.value), evaluated=evaluated)


def _evaluated(published: Published, passed: Passed, *, sampled_out: bool = False) -> Evaluated | None:
    """Asked for each message, so nothing is made where nobody wants to hear of it."""
    if published.record is None or not published.record.aggregate:
        return None
    facts = published.domain, passed, published.record, organisational
    return Evaluated(published.at, spf_aligned(*facts), dkim_aligned(*facts), sampled_out)
