# SPDX-License-Identifier: GPL-3.0-or-later
"""What is looked at. Each check gives an alert or None, and raises when it cannot tell."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ikserver.app.alerts.state import Alert
from ikserver.app.certificate import certificate_paths
from ikserver.app.filtering import clamd, spamd
from ikserver.app.stores import Stores
from ikserver.listeners.certificates import ends
from ikserver.listeners.tls import CertificateFiles
from ikserver.settings import Settings
from ikserver.spam.api import FilterDown
from ikserver.store.api.queue import Backlog

Check = Callable[[], Awaitable[Alert | None]]
Ping = Callable[[], Awaitable[None]]

CERTIFICATE_DAYS = (30, 14, 7, 1)
PING_SECONDS = 10.0
PING_AGAIN_SECONDS = 10.0
"""A program that is being started again is not down."""


def checks(settings: Settings, stores: Stores) -> Mapping[str, Check]:
    """By subject. Raises SettingsError."""
    found: dict[str, Check] = {
        "disk": lambda: asyncio.to_thread(disk, settings),
        "certificate": lambda: asyncio.to_thread(certificate, settings, datetime.now(UTC)),
        "queue": lambda: _queue(settings, stores),
    }
    if settings.spam.engine == "spamd":
        found["spamd"] = partial(answers, "spamd", spamd(settings).ping)
    scanner = clamd(settings, stores.threads)
    if scanner is not None:
        found["clamd"] = partial(answers, "clamd", scanner.ping)
    return found


def disk(settings: Settings) -> Alert | None:
    """Room on the file system of the data directory, for whoever is not root."""
    status = os.statvfs(settings.data)
    free, given = status.f_bavail * status.f_frsize, settings.alerts
    rank = 2 if free < given.room_critical else 1 if free < given.room_low else 0
    if not rank:
        return None
    # Large figures are for reading, small ones for tests and very small disks.
    size = f"{free / 10**9:.1f} GB" if free >= 10**8 else f"{free / 10**6:.1f} MB"
    return Alert("disk", rank, f"{size} are free for {settings.data}. When none is left, all mail is refused for now.")


def certificate(settings: Settings, now: datetime) -> Alert | None:
    """The one that the files hold now. One that was renewed and cannot be used is an alert, too."""
    path, key = certificate_paths(settings)
    try:
        CertificateFiles(path, key)
        left = (ends(path) - now).total_seconds() / 86_400
    except (OSError, ValueError) as error:
        return Alert("certificate", len(CERTIFICATE_DAYS) + 1, f"{path} cannot be used: {error}")
    rank = sum(left <= days for days in CERTIFICATE_DAYS) + (left <= 0)
    if not rank:
        return None
    ending = f"ends in {left:.0f} days" if left > 0 else "has ended: clients refuse to connect"
    return Alert("certificate", rank, f"{path} {ending}.{_cure(settings, path)}")


def _cure(settings: Settings, path: Path) -> str:
    if settings.tls.certificate is None:
        return " The server renews it when it is started again."
    made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return f" Whoever renews it has not done so: the file is of {made:%Y-%m-%d}."


async def _queue(settings: Settings, stores: Stores) -> Alert | None:
    now = int(datetime.now(UTC).timestamp())
    return queue(settings, await stores.queue.backlog(now), now)


def queue(settings: Settings, backlog: Backlog, now: int) -> Alert | None:
    """Too many wait, or one waits too long. 0 in the settings is no limit."""
    given = settings.alerts
    reasons = []
    if 0 < given.queue_count < backlog.count:
        reasons.append(f"{backlog.count} recipients wait")
    if backlog.oldest is not None and 0 < given.queue_age < now - backlog.oldest:
        reasons.append(f"the oldest of {backlog.count} waits for {(now - backlog.oldest) / 3600:.0f} hours")
    if not reasons:
        return None
    return Alert("queue", 1, f"In the queue {' and '.join(reasons)}. ikserver queue list tells what other servers say.")


async def answers(name: str, ping: Ping, again: float = PING_AGAIN_SECONDS) -> Alert | None:
    """Asked twice before it is called down."""
    try:
        await _ping(name, ping)
    except FilterDown:
        await asyncio.sleep(again)
        try:
            await _ping(name, ping)
        except FilterDown as error:
            return Alert(name, 1, f"{name} does not answer: {error}")
    return None


async def _ping(name: str, ping: Ping) -> None:
    try:
        await asyncio.wait_for(ping(), PING_SECONDS)
    except TimeoutError as error:
        raise FilterDown(f"{PING_SECONDS:.0f} seconds without an answer") from error
