# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts how TLS with the servers of each domain fares, in memory; once a minute the counts are stored."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable

from ikserver.outbound.demand import Session
from ikserver.store.api.tlssessions import Seen, TlsSessions
from protocols.tlsrpt.model import Applied

logger = logging.getLogger("ikserver.outbound")

DAY = 86_400
STORE_SECONDS = 60.0
MAX_DISTINCT = 10_000
"""Counts in memory. What comes beyond that in a minute is not counted."""
MAX_REASON = 200


class TlsTally:
    """`run` stores what was counted, and a last time when it is cancelled. A crash loses a minute of counts."""

    def __init__(self, sessions: TlsSessions, clock: Callable[[], float] = time.time) -> None:
        self._sessions = sessions
        self._clock = clock
        self._counts: Counter[Seen] = Counter()

    def add(self, domain: str, policy: Applied, session: Session) -> None:
        """One session with a server of a domain."""
        day = int(self._clock()) // DAY
        seen = Seen(day, domain, policy)
        if session.result is not None:
            result, reason = session.result.value, session.reason[:MAX_REASON]
            seen = Seen(day, domain, policy, result, session.host, session.sending, session.receiving, reason)
        if seen in self._counts or len(self._counts) < MAX_DISTINCT:
            self._counts[seen] += 1

    async def store(self) -> None:
        """What cannot be stored is counted on."""
        if not self._counts:
            return
        counts, self._counts = self._counts, Counter()
        try:
            await self._sessions.add(counts)
        except Exception:
            self._counts.update(counts)
            raise

    async def run(self) -> None:
        """Never returns."""
        try:
            while True:
                await asyncio.sleep(STORE_SECONDS)
                try:
                    await self.store()
                except Exception:
                    logger.exception("tls-tally-failed")
        finally:
            await self.store()
