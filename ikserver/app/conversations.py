# SPDX-License-Identifier: GPL-3.0-or-later
"""The listeners of all mail services, each with the conversation, limits and back end that it needs."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ikserver.accounts.api import Authenticator, LiveLogins
from ikserver.activity.journal import Journal
from ikserver.aio import AsyncService
from ikserver.app.admitting import admission
from ikserver.app.allowance import allowance
from ikserver.app.filtering import Filtering
from ikserver.app.routing import router
from ikserver.app.sockets import Sockets
from ikserver.app.stores import Stores
from ikserver.delivery.authentication.tally import Tally
from ikserver.delivery.inbound import Inbound
from ikserver.delivery.scripts.scripting import Scripting
from ikserver.delivery.spamrefusal import SpamRefusal
from ikserver.dns.resolver import DnsResolver
from ikserver.imap.backend import Backend, ImapLimits
from ikserver.imap.guests import Guests
from ikserver.listeners.imap import ImapListener
from ikserver.listeners.limits import ConnectionLimits
from ikserver.listeners.smtp import SmtpListener
from ikserver.outbound.reports import Reports
from ikserver.settings import Settings
from ikserver.smtp.limits import SmtpBackend, SmtpLimits
from ikserver.smtp.lmtp import Lmtp
from ikserver.smtp.mx import Mx
from ikserver.smtp.role import Role
from ikserver.smtp.submission import Submission

SMTP_ROLES: dict[str, Role] = {"lmtp": Lmtp(), "smtp": Mx(), "submissions": Submission(), "submission": Submission()}
IMAP = {"imap", "imaps"}
IMPLICIT_TLS = {"submissions", "imaps"}


@dataclass(frozen=True, slots=True)
class Ground:
    """What every listener stands on."""

    settings: Settings
    sockets: Sockets
    stores: Stores
    authenticator: Authenticator
    logins: LiveLogins
    tls: ssl.SSLContext
    dns: DnsResolver
    filtering: Filtering
    journal: Journal
    tally: Tally | None
    scripting: Scripting


async def smtp_listeners(ground: Ground) -> Sequence[AsyncService]:
    """LMTP, SMTP and submission, those that have sockets."""
    given, limits, backend = ground.settings.smtp, _smtp_limits(ground.settings), await _smtp_backend(ground)
    return [
        SmtpListener(
            bound,
            role=SMTP_ROLES[name],
            tls=ground.tls,
            implicit_tls=name in IMPLICIT_TLS,
            plaintext_login=ground.settings.login.plaintext_from_loopback,
            backend=backend,
            limits=limits,
            # Each service has its own: strangers on port 25 keep nobody from sending.
            connections=ConnectionLimits(given.max_connections, given.max_connections_per_client),
            proxies=given.proxy_networks,
        )
        for name, bound in ground.sockets.items()
        if name in SMTP_ROLES
    ]


async def _smtp_backend(ground: Ground) -> SmtpBackend:
    stores = ground.stores
    hostname = ground.settings.hostname or socket.getfqdn()
    domains = await stores.directory.domains.list()
    addresses = router(ground.settings, stores)
    reports = Reports(hostname, stores.queue, addresses, stores.threads)
    return SmtpBackend(
        hostname=hostname,
        domain=domains[0].name if domains else hostname,
        router=addresses,
        authenticator=ground.authenticator,
        logins=ground.logins,
        inbound=Inbound(
            stores.mail,
            stores.queue,
            stores.threads,
            filing=ground.filtering.filing,
            onward=addresses.onward,
            delivered=reports.on_delivery,
            scripting=ground.scripting,
        ),
        spool=stores.spool,
        threads=stores.threads,
        journal=ground.journal,
        allowance=allowance(ground.settings, stores),
        scanning=ground.filtering.scanning,
        spam_refusal=SpamRefusal(stores.directory, ground.filtering.filing, stores.threads),
        admission=admission(ground.settings, hostname, ground.dns, stores, ground.tally),
    )


def _smtp_limits(settings: Settings) -> SmtpLimits:
    given = settings.smtp
    return SmtpLimits(
        message_size=given.max_size,
        recipients=given.max_recipients,
        held_size=given.max_held,
        idle=given.idle_timeout,
        session=given.transaction_timeout,
        normalise_line_ends=given.bare_newlines == "normalise",
        scram=settings.login.scram,
    )


def imap_listeners(ground: Ground) -> Sequence[AsyncService]:
    """IMAP with STARTTLS and IMAP over TLS, those that have sockets."""
    given, stores = ground.settings.imap, ground.stores
    limits = ImapLimits(
        connections=given.max_connections,
        connections_per_client=given.max_connections_per_client,
        connections_per_account=given.max_connections_per_account,
        login_time=given.login_timeout,
        idle_time=given.idle_timeout,
        message_size=given.max_message_size,
        scram=ground.settings.login.scram,
    )
    backend = Backend(
        ground.authenticator,
        ground.logins,
        stores.mail,
        stores.changes,
        stores.spool,
        time.time,
        ground.filtering.moves,
    )
    guests = Guests(limits.connections_per_account)
    return [
        ImapListener(
            bound,
            tls=ground.tls,
            implicit_tls=name in IMPLICIT_TLS,
            plaintext_login=ground.settings.login.plaintext_from_loopback,
            backend=backend,
            limits=limits,
            guests=guests,
        )
        for name, bound in ground.sockets.items()
        if name in IMAP
    ]
