# SPDX-License-Identifier: GPL-3.0-or-later
"""Once a day each domain that wants it is told how TLS with its servers fared (RFC 8460)."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from ikserver.accounts.api import Router
from ikserver.dns.api import DnsFailure, Resolver
from ikserver.model.tls import TlsWish
from ikserver.outbound.posting import posted
from ikserver.store.api.queue import Queue
from ikserver.store.api.tlssessions import Seen, TlsSessions
from protocols.dmarc.feedback import Reporter
from protocols.tlsrpt.mailing import MEDIA_TYPE, Envelope, pack, report_mail
from protocols.tlsrpt.model import Applied, Failure, Report, Summary
from protocols.tlsrpt.record import destinations, mail_address

logger = logging.getLogger("ikserver.outbound")

DAY = 86_400
LOOK_SECONDS = 600.0
LATEST_BEGIN = 14_400
"""Reports begin some time in the four hours after midnight: not all of the world at once (RFC 8460, 4.1)."""
PATIENCE = 2
"""Days after which a report that could not be sent is dropped: a day is over, and another to try (RFC 8460, 5.5)."""
MAX_ROWS = 1_000

Post = Callable[[str, bytes, str], Awaitable[None]]
"""Brings content of a media type to a URL. Raises OSError."""


@dataclass(frozen=True, slots=True)
class TlsReports:
    """`token` makes a text that is like no other, of that many octets."""

    sessions: TlsSessions
    queue: Queue
    router: Router
    resolver: Resolver
    reporter: Reporter
    post: Post
    clock: Callable[[], float] = time.time
    token: Callable[[int], str] = secrets.token_hex
    begin: float = field(default_factory=lambda: secrets.randbelow(LATEST_BEGIN))

    async def run(self) -> None:
        """Never returns. One process of a server does it."""
        while True:
            try:
                await self.send_due()
            except Exception:
                logger.exception("tls-reports-failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def send_due(self) -> None:
        """All reports on days that are over. One that fails keeps no other from being sent."""
        today = int(self.clock() - self.begin) // DAY
        for day, domain in await self.sessions.due(today):
            try:
                done = await self._report(day, domain)
            except Exception:
                logger.exception("tls-report-failed", extra={"fields": {"domain": domain}})
                done = False
            if done or today - day > PATIENCE:
                await self.sessions.forget(day, domain)

    async def _report(self, day: int, domain: str) -> bool:
        """Whether it is sent, or nobody wants it. A crash at the worst time sends it twice, under the same id."""
        try:
            wanted = destinations((await self.resolver.txt(f"_smtp._tls.{domain}")).records)
        except DnsFailure:
            return False
        if not wanted:
            return True
        rows = await self.sessions.of(day, domain, MAX_ROWS)
        submitter = self.reporter.email.rpartition("@")[2]
        report = Report(
            organisation=self.reporter.organisation,
            contact=self.reporter.email,
            id=f"{_digest(submitter, domain, str(day))}@{submitter}",
            begin=day * DAY,
            end=(day + 1) * DAY - 1,
            summaries=summaries(rows),
        )
        packed = pack(report)
        sent = [uri for uri in wanted if await self._sent(uri, report, packed, domain)]
        fields = {"domain": domain, "id": report.id, "sessions": sum(count for _, count in rows), "to": ",".join(sent)}
        logger.info("tls-report", extra={"fields": fields})
        # One of them is enough (RFC 8460, 3).
        return bool(sent)

    async def _sent(self, uri: str, report: Report, packed: bytes, domain: str) -> bool:
        address = mail_address(uri)
        if address is not None:
            envelope = Envelope(domain, address, f"={self.token(12)}", self.clock())
            mail = report_mail(report, packed, envelope)
            messages = posted(mail, address, await self.router.route(address), self.reporter.email)
            if messages:
                # RFC 8460, 5.3: no policy of the domain keeps the report from it that it does not work.
                await self.queue.put(*(replace(message, tls=TlsWish.NOT_REQUIRED) for message in messages))
            return bool(messages)
        try:
            await self.post(uri, packed, MEDIA_TYPE)
        except OSError as error:
            fields = {"domain": domain, "uri": uri, "reason": str(error)}
            logger.info("tls-report-not-taken", extra={"fields": fields})
            return False
        return True


def summaries(rows: Sequence[tuple[Seen, int]]) -> tuple[Summary, ...]:
    """What was counted, by policy."""
    by_policy: dict[Applied, list[tuple[Seen, int]]] = {}
    for seen, count in rows:
        by_policy.setdefault(seen.policy, []).append((seen, count))
    return tuple(_summary(policy, group) for policy, group in by_policy.items())


def _summary(policy: Applied, rows: Sequence[tuple[Seen, int]]) -> Summary:
    failures = tuple(
        Failure(seen.result, count, seen.sending, seen.host, seen.receiving, seen.reason)
        for seen, count in rows
        if seen.result
    )
    successful = sum(count for seen, count in rows if not seen.result)
    return Summary(policy, successful, sum(failure.count for failure in failures), failures)


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:24]
