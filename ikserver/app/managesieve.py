# SPDX-License-Identifier: GPL-3.0-or-later
"""The listeners of ManageSieve, with what they need."""

from __future__ import annotations

from collections.abc import Sequence

from ikserver.aio import AsyncService
from ikserver.app.conversations import Ground
from ikserver.app.scripts import registry, sieve_settings
from ikserver.listeners.managesieve import ManageSieveListener
from ikserver.managesieve.backend import Backend, ManageSieveLimits
from ikserver.managesieve.checking import CompilingChecker

SERVICE = "sieve"
"""Its name in RFC 6335's registry, and in the settings."""


def managesieve_listeners(ground: Ground) -> Sequence[AsyncService]:
    """One when it has sockets."""
    bound = ground.sockets.get(SERVICE)
    if not bound:
        return ()
    given, stores, login = ground.settings.managesieve, ground.stores, ground.settings.login
    checker = CompilingChecker(
        stores.mail,
        stores.directory,
        stores.global_scripts,
        stores.threads,
        registry(),
        sieve_settings(ground.settings),
    )
    limits = ManageSieveLimits(
        connections=given.max_connections,
        connections_per_client=given.max_connections_per_client,
        login_time=given.login_timeout,
        idle_time=given.idle_timeout,
        scram=login.scram,
    )
    backend = Backend(ground.authenticator, ground.logins, stores.mail, checker)
    return [
        ManageSieveListener(
            bound, tls=ground.tls, plaintext_login=login.plaintext_from_loopback, backend=backend, limits=limits
        )
    ]
