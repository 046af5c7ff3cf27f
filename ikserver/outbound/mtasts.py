# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies of other domains (RFC 8461): fetched over HTTPS when their id changes, and remembered."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ikserver.dns.api import DnsFailure, Resolver
from protocols.smtp.mtasts import BadPolicy, Policy, parse_policy, policy_id

logger = logging.getLogger("ikserver.outbound")

Fetch = Callable[[str], Awaitable[bytes]]
"""The policy file of a domain. Raises OSError."""

FAILED_SECONDS = 300.0
"""After a policy could not be fetched (RFC 8461, 3.3)."""
MAX_REMEMBERED = 10_000


@dataclass(slots=True)
class _Known:
    id: str
    policy: Policy | None
    until: float


class MtaSts:
    """Remembers policies in memory; `fetch` gets them."""

    def __init__(self, resolver: Resolver, fetch: Fetch, clock: Callable[[], float] = time.time) -> None:
        self._resolver = resolver
        self._fetch = fetch
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def policy(self, domain: str) -> Policy | None:
        """None when the domain has none. One that was fetched once counts until it is too old, whatever DNS says:
        else whoever can forge DNS could take it away (RFC 8461, 3.1)."""
        known = self._known.get(domain)
        fresh = known is not None and self._clock() < known.until
        try:
            current = policy_id((await self._resolver.txt(f"_mta-sts.{domain}")).records)
        except DnsFailure:
            current = None
        if known is not None and fresh and current in (None, known.id):
            return known.policy
        if current is None:
            return None
        return await self._renew(domain, current, known.policy if known is not None and fresh else None)

    async def _renew(self, domain: str, current: str, before: Policy | None) -> Policy | None:
        """The new policy; the one before where it cannot be had."""
        now = self._clock()
        if len(self._known) >= MAX_REMEMBERED:
            self._known = {name: known for name, known in self._known.items() if now < known.until}
        try:
            policy = parse_policy(await self._fetch(domain))
        except (OSError, BadPolicy) as error:
            logger.info("mta-sts-failed", extra={"fields": {"domain": domain, "reason": str(error)}})
            self._known[domain] = _Known(current, before, now + FAILED_SECONDS)
            return before
        self._known[domain] = _Known(current, policy, now + policy.max_age)
        return policy
