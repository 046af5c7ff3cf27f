# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings and stores become services: everything that one server process runs, in one tree."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from twisted.application.service import MultiService

from ikserver.accounts.authenticator import PasswordAuthenticator
from ikserver.accounts.devices import DeviceKey
from ikserver.accounts.passwords import PasswordCosts, Passwords
from ikserver.accounts.throttle import LoginLimits, Throttle
from ikserver.accounts.watched import WatchedLogins
from ikserver.activity.journal import Journal
from ikserver.activity.retention import Retention
from ikserver.aio import AsyncService
from ikserver.app.admitting import resolver
from ikserver.app.alerts.watch import alert_services
from ikserver.app.background import Background
from ikserver.app.certificate import certificate_files
from ikserver.app.conversations import Ground, imap_listeners, smtp_listeners
from ikserver.app.feedback import dmarc_tally, feedback_services
from ikserver.app.filtering import filtering
from ikserver.app.housekeeping import keep_house, watch
from ikserver.app.managesieve import managesieve_listeners
from ikserver.app.outbound import local_retry, outbound_services
from ikserver.app.scripts import scripting
from ikserver.app.sockets import Sockets
from ikserver.app.stores import open_stores, run_directory
from ikserver.app.webservice import web_listeners
from ikserver.listeners.hintreceiver import HintReceiver
from ikserver.listeners.tls import CertificateFiles
from ikserver.settings import Settings

STOP_SECONDS = 4.0
logger = logging.getLogger("ikserver.app")


@asynccontextmanager
async def running(settings: Settings, sockets: Sockets) -> AsyncIterator[CertificateFiles]:
    """Serve on `sockets` inside the `with`; at its end take leave of all clients and close the stores.

    Gives the certificate, which can be told to reload. Raises what keeps a service from starting: OSError,
    SettingsError, StoreBroken.
    """
    certificate = certificate_files(settings)
    with ThreadPoolExecutor(max(2, os.cpu_count() or 1), "passwords") as hashing:
        async with open_stores(settings) as stores:
            passwords = Passwords(PasswordCosts(scram=settings.login.scram), hashing)
            key = DeviceKey.load(settings.data / "keys")
            throttle = Throttle(LoginLimits(), changes=stores.changes)
            authenticator = PasswordAuthenticator(stores.directory, passwords, key, throttle)
            logins = WatchedLogins(stores.directory, stores.changes)
            spam, dns = filtering(settings, stores), resolver(settings)
            journal = Journal(stores.mail, stores.activity)
            tally, scripts, tls = dmarc_tally(settings, stores), scripting(settings, stores), certificate.context
            ground = Ground(settings, sockets, stores, authenticator, logins, tls, dns, spam, journal, tally, scripts)
            services = [
                certificate,
                Background("logins", logins.run),
                *_background(ground),
                *await smtp_listeners(ground),
                *imap_listeners(ground),
                *managesieve_listeners(ground),
                *web_listeners(ground),
            ]
            async with _started(services):
                yield certificate
            await authenticator.close()


def _background(ground: Ground) -> Sequence[AsyncService]:
    """What goes on beside the listeners. Raises OSError, SettingsError."""
    settings, stores, spam, journal = ground.settings, ground.stores, ground.filtering, ground.journal
    retry, carrier = local_retry(settings, stores, spam.filing, ground.scripting), ground.scripting.carrier
    retention = Retention(stores.activity, stores.directory, settings.activity.retention_days)
    return [
        HintReceiver(run_directory(settings.data), stores.changes.hear),
        Background("local-retry", retry.run),
        Background("watch", lambda: watch(stores)),
        Background("activity", journal.run),
        Background("spam-lessons", spam.moves.run),
        Background("housekeeping", lambda: keep_house(settings.data, stores, journal, retention, spam.purge, carrier)),
        *outbound_services(settings, stores, ground.dns),
        *alert_services(settings, stores),
        *feedback_services(settings, stores, ground.dns, ground.tally),
    ]


@asynccontextmanager
async def _started(services: Sequence[AsyncService]) -> AsyncIterator[None]:
    """All of them, started; stopped at the end, also when one of them does not start."""
    root = MultiService()  # type: ignore[no-untyped-call]
    for service in services:
        service.setServiceParent(root)  # type: ignore[no-untyped-call]
    root.startService()  # type: ignore[no-untyped-call]
    try:
        await asyncio.gather(*(service.ready for service in services))
        yield
    finally:
        stopped = root.stopService()  # type: ignore[no-untyped-call]
        try:
            await asyncio.wait_for(stopped.asFuture(asyncio.get_running_loop()), STOP_SECONDS)
        except TimeoutError:
            logger.warning("stop-too-slow", extra={"fields": {"seconds": STOP_SECONDS}})
