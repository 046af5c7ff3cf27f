# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies of other domains (RFC 8461): fetched over HTTPS when their id changes, kept, and refreshed once a day."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ikserver.dns.api import DnsFailure, Resolver
from ikserver.store.api.stspolicies import KeptPolicy, StsPolicies
from protocols.smtp.mtasts import BadPolicy, Mode, Policy, parse_policy, policy_id
from protocols.tlsrpt.model import Result

logger = logging.getLogger("ikserver.outbound")

Fetch = Callable[[str], Awaitable[bytes]]
"""The policy file of a domain. Raises OSError."""

DAY = 86_400
FAILED_SECONDS = 300.0
"""After a policy could not be fetched (RFC 8461, 3.3)."""
MAX_FAILED = 10_000
USED_DAYS = 30
"""Of domains that no mail went to for so long, the policy is left to its age."""


@dataclass(frozen=True, slots=True)
class Found:
    """`policy` is None when the domain has none, or none that can be had because of a `failure`; `text` is its file."""

    policy: Policy | None = None
    text: bytes = b""
    failure: Result | None = None


NOTHING = Found()


class MtaSts:
    """`fetch` gets policies and `kept` keeps them, so that a restart forgets none."""

    def __init__(
        self, resolver: Resolver, fetch: Fetch, kept: StsPolicies, clock: Callable[[], float] = time.time
    ) -> None:
        self._resolver = resolver
        self._fetch = fetch
        self._kept = kept
        self._clock = clock
        self._failed: dict[tuple[str, str], tuple[float, Result]] = {}
        """Until when a domain is not asked again for an id."""

    async def policy(self, domain: str) -> Found:
        """What counts for a domain now. A policy that was fetched once counts until it is too old, whatever DNS says:
        else whoever can forge DNS could take it away (RFC 8461, 3.1)."""
        now = self._clock()
        kept = await self._known(domain, now)
        current = await self._id(domain)
        if current is None or (kept is not None and kept.id == current):
            return NOTHING if kept is None else Found(parse_policy(kept.text), kept.text)
        until, failure = self._failed.get((domain, current), (0.0, None))
        if now >= until:
            failure = await self._renew(domain, current, now, used=int(now))
            kept = await self._known(domain, now)
        return Found(failure=failure) if kept is None else Found(parse_policy(kept.text), kept.text)

    async def refresh(self) -> None:
        """Fetch again what was fetched a day ago, whatever DNS says of it: whoever wants a policy to run out would
        have to keep that up all the time (RFC 8461, 10.2). What cannot be had stays as it is."""
        now = self._clock()
        await self._kept.forget(int(now))
        for kept in await self._kept.stale(int(now) - DAY, int(now) - USED_DAYS * DAY):
            current = await self._id(kept.domain) or kept.id
            failure = await self._renew(kept.domain, current, now, used=kept.used)
            if failure is not None and parse_policy(kept.text).mode is not Mode.NONE:
                days = round((kept.until - now) / DAY, 1)
                fields = {"domain": kept.domain, "result": failure.value, "days_left": days}
                logger.warning("mta-sts-not-refreshed", extra={"fields": fields})

    async def _known(self, domain: str, now: float) -> KeptPolicy | None:
        kept = await self._kept.find(domain)
        if kept is None or kept.until <= now:
            return None
        if kept.used <= now - DAY:
            await self._kept.note_use(domain, int(now))
        return kept

    async def _id(self, domain: str) -> str | None:
        try:
            return policy_id((await self._resolver.txt(f"_mta-sts.{domain}")).records)
        except DnsFailure:
            return None

    async def _renew(self, domain: str, current: str, now: float, used: int) -> Result | None:
        """Fetch and keep a policy; why that failed."""
        try:
            text = await self._fetch(domain)
            policy = parse_policy(text)
        except (OSError, BadPolicy) as error:
            failure = _failure(error)
            self._remember_failure(domain, current, now, failure)
            fields = {"domain": domain, "result": failure.value, "reason": str(error)}
            logger.info("mta-sts-failed", extra={"fields": fields})
            return failure
        await self._kept.keep(KeptPolicy(domain, current, text, int(now), int(now) + policy.max_age, used))
        return None

    def _remember_failure(self, domain: str, current: str, now: float, failure: Result) -> None:
        if len(self._failed) >= MAX_FAILED:
            self._failed = {key: known for key, known in self._failed.items() if now < known[0]}
        self._failed[domain, current] = now + FAILED_SECONDS, failure


def _failure(error: OSError | BadPolicy) -> Result:
    """RFC 8460, 4.3.2.2."""
    if isinstance(error, BadPolicy):
        return Result.STS_INVALID
    return Result.STS_WEBPKI_INVALID if isinstance(error, ssl.SSLCertVerificationError) else Result.STS_FETCH_ERROR
