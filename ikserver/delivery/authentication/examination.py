# SPDX-License-Identifier: GPL-3.0-or-later
"""All methods at once, and what we make of their results."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from ikserver.delivery.authentication.callers import Callers
from ikserver.delivery.authentication.original import Original
from ikserver.delivery.authentication.policy import author_domains, decide, published
from ikserver.delivery.authentication.rules import USUAL, Rules, Ruling, Wishes, seen, zones_of
from ikserver.delivery.authentication.signatures import Claims, claims, judge, keys
from ikserver.delivery.authentication.spf import SpfChecker
from ikserver.dns.api import Resolver
from ikserver.model.authentication import Arc, Authenticated, Result, Signature, Spf
from protocols.dkim.verification import Message
from protocols.dmarc import Passed


@dataclass(frozen=True, slots=True)
class Client:
    """Whom a message came from: `peer` is its IP address, `hello` its name for itself, `sender` that of MAIL FROM."""

    peer: str
    hello: str
    sender: str


class Examination:
    """Finds out where a message comes from. `threads` compute, `draw` gives a random number from 0 to 99."""

    def __init__(
        self,
        resolver: Resolver,
        threads: Executor,
        rules: Rules,
        *,
        clock: Callable[[], float] = time.time,
        draw: Callable[[], int] = lambda: random.randrange(100),  # noqa: S311
    ) -> None:
        self._resolver = resolver
        self._rules = rules
        self._usual: Ruling = {None: rules}
        self._clock = clock
        self._draw = draw
        self._spf = SpfChecker(resolver, threads)
        self._callers = Callers(resolver, self._spf)

    async def examine(self, client: Client, original: Original, wishes: Wishes = USUAL) -> Authenticated:
        """Never fails, whatever DNS does; takes as long as its slowest method."""
        rules = self._usual if wishes is USUAL else self._wished(wishes)
        claimed = claims(original.fields, self._clock())
        authors = author_domains(original.fields)
        caller, spf, (dkim, arc), policies = await asyncio.gather(
            self._callers.ask(client.peer, client.hello, zones_of(rules.values())),
            self._spf.check(client.peer, client.sender, client.hello),
            self._signatures(claimed, original),
            published(self._resolver, authors),
        )
        proven, unsure = _domains(Result.PASS, spf, dkim), _domains(Result.TEMPERROR, spf, dkim)
        dmarc = decide(policies, proven, unsure, self._draw())
        return seen(Authenticated(spf, caller.hello, dkim, dmarc, arc, caller.iprev, caller.listed), rules)

    def _wished(self, wishes: Wishes) -> Ruling:
        return {whose: self._rules.wished(policy) for whose, policy in wishes.items()}

    async def _signatures(self, claimed: Claims, original: Original) -> tuple[tuple[Signature, ...], Arc]:
        if not claimed.key_names:
            return tuple(one for one in claimed.signatures if isinstance(one, Signature)), _settled(claimed)
        known = await keys(self._resolver, claimed.key_names)

        def compute(message: Message) -> tuple[tuple[Signature, ...], Arc]:
            return judge(claimed, known, message, self._rules.sealers)

        return await original.compute(compute)


def _settled(claimed: Claims) -> Arc:
    return claimed.chain if isinstance(claimed.chain, Arc) else Arc()


def _domains(result: Result, spf: Spf, signatures: Sequence[Signature]) -> Passed:
    """Those with this result. A signature that leaves out the end of the body proves nothing (RFC 6376, 8.2)."""
    signed = [one.domain for one in signatures if one.result is result and not one.partial]
    return Passed(spf.domain if spf.result is result else "", signed)
