# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts mail in the name of domains that want DMARC reports (RFC 7489, 7.2).

In memory, so that a delivery waits for nothing; what was counted goes to the store now and then. A crash loses the last
minute of statistics.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable

from ikserver.delivery.authentication.domains import domain_of
from ikserver.delivery.authentication.examination import Client
from ikserver.model.authentication import Authenticated, Evaluated
from ikserver.store.api.tallies import Tallied, Tallies
from protocols.dmarc import Policy
from protocols.dmarc.feedback import Override, Seen, SignatureSeen, SpfSeen

logger = logging.getLogger("ikserver.delivery")

STORE_SECONDS = 60.0
DAY = 86_400
MAX_KINDS = 20_000
"""Different messages in a minute. Beyond them somebody floods us from everywhere, and the rest is not counted."""


class Tally:
    """One a process."""

    def __init__(self, store: Tallies, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._counts: Counter[Tallied] = Counter()
        self._passed_over = 0

    def note(self, client: Client, found: Authenticated) -> None:
        """Count a message, where its author's domain wants to know."""
        evaluated = found.dmarc.evaluated
        if evaluated is None:
            return
        kind = Tallied(int(self._clock()) // DAY, evaluated.at, _seen(client, found, evaluated))
        if kind in self._counts or len(self._counts) < MAX_KINDS:
            self._counts[kind] += 1
        else:
            self._passed_over += 1

    async def run(self) -> None:
        """Store what was counted, until it is cancelled; then what came last."""
        try:
            while True:
                await asyncio.sleep(STORE_SECONDS)
                await self.store()
        finally:
            await self.store()

    async def store(self) -> None:
        """Never raises: statistics that cannot be kept are lost."""
        counts, self._counts = self._counts, Counter()
        passed_over, self._passed_over = self._passed_over, 0
        if passed_over:
            logger.warning("dmarc-tally-full", extra={"fields": {"messages": passed_over}})
        try:
            if counts:
                await self._store.add(counts)
        except Exception:
            logger.exception("dmarc-tally-lost", extra={"fields": {"messages": counts.total()}})


def _seen(client: Client, found: Authenticated, evaluated: Evaluated) -> Seen:
    return Seen(
        source=client.peer,
        author=found.dmarc.domain,
        envelope=domain_of(client.sender) if client.sender else "",
        disposition=Policy(found.disposition.value),
        spf=evaluated.spf,
        dkim=evaluated.dkim,
        override=_override(found, evaluated),
        spf_seen=SpfSeen(found.spf.domain, "mfrom" if client.sender else "helo", found.spf.result.value),
        signatures=tuple(SignatureSeen(one.domain, one.selector, one.result.value) for one in found.dkim if one.domain),
    )


def _override(found: Authenticated, evaluated: Evaluated) -> Override | None:
    if evaluated.sampled_out:
        return Override.SAMPLED_OUT
    if found.dmarc.asked is found.disposition:
        return None
    return Override.TRUSTED_FORWARDER if found.arc.trusted else Override.LOCAL_POLICY
