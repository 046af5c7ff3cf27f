# SPDX-License-Identifier: GPL-3.0-or-later
"""What other domains are told of mail in their name: every process counts, one of them reports."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from ikserver.aio import AsyncService
from ikserver.app.background import Background
from ikserver.app.lock import alone
from ikserver.app.routing import router
from ikserver.app.stores import Stores
from ikserver.delivery.authentication.tally import Tally
from ikserver.dns.api import Resolver
from ikserver.outbound.dmarcreports import DmarcReports
from ikserver.settings import Settings
from protocols.dmarc.feedback import Reporter


def dmarc_tally(settings: Settings, stores: Stores) -> Tally | None:
    """None when nobody is told anything: reports are turned off, or sending is."""
    wanted = settings.reports.dmarc and settings.outbound.enabled
    return Tally(stores.tallies) if wanted else None


def feedback_services(settings: Settings, stores: Stores, dns: Resolver, tally: Tally | None) -> Sequence[AsyncService]:
    """None without a tally."""
    if tally is None:
        return []
    addresses = router(settings, stores)
    reports = DmarcReports(stores.tallies, stores.queue, addresses, dns, reporter(settings), stores.threads)
    return [
        Background("dmarc-tally", tally.run),
        Background("dmarc-reports", lambda: alone(settings.data, "dmarc-reports", reports.run)),
    ]


def reporter(settings: Settings) -> Reporter:
    """Who reports, by the settings."""
    host = (settings.hostname or socket.getfqdn()).lower()
    given = settings.reports
    return Reporter(given.organisation or host, given.email or f"postmaster@{host}", host)
