# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks every minute, in one process of a server, and tells what there is to tell."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Mapping, Sequence

from ikserver.accounts.api import Router
from ikserver.app.alerts import ledger
from ikserver.app.alerts.checks import Check, checks
from ikserver.app.alerts.notice import notice
from ikserver.app.alerts.state import News, Standing, Turn, judge
from ikserver.app.background import Background
from ikserver.app.lock import alone
from ikserver.app.routing import router
from ikserver.app.stores import Stores
from ikserver.outbound.posting import posted
from ikserver.settings import Settings
from ikserver.store.api.directory import Directory

LOOK_SECONDS = 60.0
logger = logging.getLogger("ikserver.app")


def alert_services(settings: Settings, stores: Stores) -> Sequence[Background]:
    """The one who looks. Raises SettingsError."""
    watch = Watch(settings, stores, router(settings, stores), checks(settings, stores))
    return [Background("alerts", lambda: alone(settings.data, "alerts", watch.run))]


class Watch:
    """`look` looks once."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        addresses: Router,
        wanted: Mapping[str, Check],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._data = settings.data
        self._to = settings.alerts.to
        self._stores = stores
        self._router = addresses
        self._checks = wanted
        self._clock = clock
        self._standing: dict[str, Standing] = {}
        self._host = (settings.hostname or socket.getfqdn()).lower()

    async def run(self) -> None:
        """Never returns."""
        # What is not looked at any more stands no longer.
        kept = {standing.alert.subject: standing for standing in ledger.read(self._data)}
        self._standing = {subject: kept[subject] for subject in self._checks if subject in kept}
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """What could not be told, because the disk is full, is told again at the next look."""
        for subject, check in self._checks.items():
            try:
                await self._look_at(subject, check)
            except Exception:
                logger.exception("alert-failed", extra={"fields": {"subject": subject}})
        try:
            ledger.write(self._data, self._standing.values())
        except OSError as error:
            logger.warning("alerts-not-kept", extra={"fields": {"reason": error.strerror}})

    async def _look_at(self, subject: str, check: Check) -> None:
        after, news = judge(self._standing.get(subject), await check(), self._clock())
        if news is not None:
            _log(news)
            await self._send(news)
        if after is None:
            self._standing.pop(subject, None)
        else:
            self._standing[subject] = after

    async def _send(self, news: News) -> None:
        now = self._clock()
        for to in self._to or [await postmaster(self._stores.directory, self._host)]:
            message = notice(news, self._host, to, now)
            queued = posted(message, to, await self._router.route(to), f"postmaster@{self._host}")
            if queued:
                await self._stores.queue.put(*queued)
            else:
                logger.warning("alert-for-nobody", extra={"fields": {"address": to}})


async def postmaster(directory: Directory, host: str) -> str:
    """Of the domain that the host's name is in or, where that is not ours, of the first one that is (RFC 2142, 5)."""
    domains = [domain.name for domain in await directory.domains.list()]
    above = [name for name in domains if host == name or host.endswith(f".{name}")]
    return f"postmaster@{(above or domains or [host])[0]}"


def _log(news: News) -> None:
    alert = news.standing.alert
    fields = {"subject": alert.subject, "turn": news.turn.value, "rank": alert.rank, "text": alert.text}
    logger.log(logging.INFO if news.turn is Turn.ENDED else logging.WARNING, "alert", extra={"fields": fields})
