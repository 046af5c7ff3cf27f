# SPDX-License-Identifier: GPL-3.0-or-later
"""Malware: a message is scanned once, before anybody gets it, and refused or marked for what was found."""

from __future__ import annotations

import logging
from concurrent.futures import Executor

from ikserver.delivery.removal import removed_on_failure
from ikserver.model.mail import Body
from ikserver.model.spam import Scanned
from ikserver.spam.api import FilterDown
from ikserver.spam.clamd import Clamd
from ikserver.spam.guard import Breaker
from protocols.smtp.replies import SCANNER_DOWN, Refused, malware

logger = logging.getLogger("ikserver.delivery")


class Scanning:
    """`refuse`: malware is refused, else it is marked, to be filed as spam. `defer`: mail waits while clamd is down,
    else it comes in unscanned, and says so."""

    def __init__(self, clamd: Clamd, breaker: Breaker, threads: Executor, *, refuse: bool, defer: bool) -> None:
        self._clamd = clamd
        self._breaker = breaker
        self._threads = threads
        self._refuse = refuse
        self._defer = defer

    async def admit(self, id: str, body: Body) -> Scanned:
        """What is known of a message that comes in. When this raises Refused its file is gone."""
        async with removed_on_failure(body, self._threads):
            try:
                scanned = await self.look(id, body)
            except FilterDown as down:
                raise Refused(SCANNER_DOWN) from down
            if scanned.malware and self._refuse:
                raise Refused(malware(scanned.malware))
            return scanned

    async def look(self, id: str, body: Body) -> Scanned:
        """The same of a message that is ours already and cannot be refused. Raises FilterDown when mail shall wait."""
        try:
            found = await self._breaker.ask(lambda: self._clamd.scan(body))
        except FilterDown:
            if self._defer:
                raise
            return Scanned(answered=False)
        if found:
            logger.warning("malware", extra={"fields": {"id": id, "name": found, "refused": self._refuse}})
        return Scanned(found)
