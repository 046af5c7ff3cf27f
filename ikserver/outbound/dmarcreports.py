# SPDX-License-Identifier: GPL-3.0-or-later
"""Once a day each domain that wants it is told how mail in its name fared here (RFC 7489, 7.2)."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from ikserver.accounts.api import Router
from ikserver.delivery.authentication.domains import organisational
from ikserver.dns.api import DnsFailure, Resolver
from ikserver.outbound.posting import posted
from ikserver.store.api.queue import Queue, QueuedMessage
from ikserver.store.api.tallies import DmarcReport, Tallies
from protocols.dmarc import Record, parse_record
from protocols.dmarc.destination import Destination, asking_name, authorised, destinations
from protocols.dmarc.feedback import Feedback, Reporter
from protocols.dmarc.mailing import Envelope, error_mail, pack, report_mail
from protocols.dmarc.record import sole_record

logger = logging.getLogger("ikserver.outbound")

DAY = 86_400
LOOK_SECONDS = 600.0
AFTER_MIDNIGHT = 3_600
"""Every process has stored by then what it counted, and the DNS of the world is not asked by all at once."""
PATIENCE_DAYS = 3
"""So long it is tried again when DNS does not answer."""
AT_ONCE = 8
MAX_URIS = 5
MAX_ROWS = 20_000
"""Of one report. Beyond that a flood from everywhere is no news any more."""
LEFT_OUT = f"There were more rows than {MAX_ROWS}; those with the smallest counts are left out."


@dataclass(frozen=True, slots=True)
class DmarcReports:
    """`threads` make the reports; `token` makes a text that is like no other, of that many octets."""

    tallies: Tallies
    queue: Queue
    router: Router
    resolver: Resolver
    reporter: Reporter
    threads: Executor
    clock: Callable[[], float] = time.time
    token: Callable[[int], str] = secrets.token_hex

    async def run(self) -> None:
        """Never returns. One process of a server does it."""
        while True:
            try:
                await self.send_due()
            except Exception:
                logger.exception("dmarc-reports-failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def send_due(self) -> None:
        """All reports on days that are over. One that fails or waits for DNS keeps no other from being sent."""
        today = int(self.clock() - AFTER_MIDNIGHT) // DAY
        room = asyncio.Semaphore(AT_ONCE)

        async def send(day: int, domain: str) -> None:
            async with room:
                try:
                    await self._report(day, domain, final=today - day > PATIENCE_DAYS)
                except Exception:
                    logger.exception("dmarc-report-failed", extra={"fields": {"domain": domain}})

        await asyncio.gather(*(send(day, domain) for day, domain in await self.tallies.due(today)))

    async def _report(self, day: int, domain: str, *, final: bool) -> None:
        try:
            record, wanted = await self._wanted(domain)
        except DnsFailure:
            if not final:
                return
            record, wanted = None, []
        rows = await self.tallies.of(day, domain, MAX_ROWS)
        if record is None or not wanted:
            await self._finish(DmarcReport(day, domain, _messages(rows), (), 0, self._now(), "nobody wants it"))
            return
        error = LEFT_OUT if len(rows) == MAX_ROWS else ""
        feedback = Feedback(self.reporter, domain, record, day * DAY, (day + 1) * DAY - 1, rows, error)
        await self._finish(await self._sent(day, feedback, wanted))

    async def _sent(self, day: int, feedback: Feedback, wanted: Sequence[Destination]) -> DmarcReport:
        """It is in the queue when this returns."""
        loop = asyncio.get_running_loop()
        packed = await loop.run_in_executor(self.threads, pack, feedback)
        mails = {one: report_mail(feedback, packed, self._envelope(one)) for one in wanted}
        size = max(map(len, mails.values()))
        fitting = {one: mail for one, mail in mails.items() if not one.limit or len(mail) <= one.limit}
        uris = [f"mailto:{one.address}" for one in wanted]
        # RFC 7489, 7.2.2: who takes nothing so large is told that there is something.
        final = fitting or {one: error_mail(feedback, size, uris, self._envelope(one)) for one in wanted}
        messages: list[QueuedMessage] = []
        for one, mail in final.items():
            messages += posted(mail, one.address, await self.router.route(one.address), self.reporter.email)
        if messages:
            await self.queue.put(*messages)
        reason = "" if fitting else "too large"
        recipients = tuple(one.address for one in final)
        return DmarcReport(day, feedback.domain, feedback.messages, recipients, size, self._now(), reason)

    async def _wanted(self, domain: str) -> tuple[Record | None, list[Destination]]:
        """What the domain wants today, and where. Raises DnsFailure."""
        text = sole_record((await self.resolver.txt(f"_dmarc.{domain}")).records)
        record = parse_record(text) if text else None
        if record is None:
            return None, []
        asked = await asyncio.gather(*(self._allowed(domain, one) for one in destinations(record.aggregate)[:MAX_URIS]))
        return record, list({one.address.lower(): one for allowed in asked for one in allowed}.values())

    async def _allowed(self, domain: str, destination: Destination) -> list[Destination]:
        """RFC 7489, 7.1: nobody can have reports sent to a victim. Raises DnsFailure."""
        if organisational(destination.host) == organisational(domain):
            return [destination]
        answer = await self.resolver.txt(asking_name(domain, destination.host))
        return authorised(destination, answer.records)[:MAX_URIS]

    async def _finish(self, report: DmarcReport) -> None:
        await self.tallies.finish(report)
        fields = {"domain": report.domain, "messages": report.messages, "size": report.size, "reason": report.reason}
        logger.info("dmarc-report", extra={"fields": {**fields, "to": ",".join(report.recipients)}})

    def _envelope(self, destination: Destination) -> Envelope:
        return Envelope(destination.address, self.token(12), f"={self.token(12)}", self.clock())

    def _now(self) -> int:
        return int(self.clock())


def _messages(rows: Sequence[tuple[object, int]]) -> int:
    return sum(count for _, count in rows)
