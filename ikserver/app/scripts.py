# SPDX-License-Identifier: GPL-3.0-or-later
"""Sieve scripts in delivery, from the settings and the stores."""

from __future__ import annotations

import socket
import time

from ikserver import __version__
from ikserver.app.routing import router
from ikserver.app.stores import Stores
from ikserver.delivery.scripts.carrying import Carrier
from ikserver.delivery.scripts.library import Compiler, Library
from ikserver.delivery.scripts.owners import Owners
from ikserver.delivery.scripts.scripting import Scripting
from ikserver.delivery.scripts.staging import Staging
from ikserver.settings import Settings
from ikserver.spam.households import Households
from protocols.smtp.received import MAX_HOPS
from sieve import Registry
from sieve import Settings as SieveSettings

STEPS = 200_000
"""Some tenths of a second: a hundred times what 300 rules take."""
SPAM_SCORE = r"X-Spam-Score: (-?[0-9.]+)"
SPAM_THRESHOLD = r"X-Spam-Status: .*required=([0-9.]+)"
UNSERVED = (
    "envelope-deliverby",
    "extlists",
    "imapsieve",
    "mailboxid",
    "mboxmetadata",
    "redirect-deliverby",
    "servermetadata",
)
"""What the engine can do and nothing in this server stands behind: a script that needs it shall hear so at once."""


def registry() -> Registry:
    """What a script may require here."""
    known = Registry.default()
    for name in UNSERVED:
        known = known.without(name)
    return known


def sieve_settings(settings: Settings) -> SieveSettings:
    """What scripts may do, in delivery and where they are checked."""
    given = settings.sieve
    return SieveSettings(
        max_actions=given.max_actions,
        max_redirects=given.max_redirects,
        notify_max_notifications=given.max_notifications,
        vacation_min_seconds=round(given.shortest_vacation),
        max_cpu_time=STEPS,
        redirect_max_received=MAX_HOPS,
        spamtest_header=SPAM_SCORE,
        spamtest_max_header=SPAM_THRESHOLD,
    )


def scripting(settings: Settings, stores: Stores) -> Scripting:
    """One a process: it remembers what it has compiled. Raises OSError."""
    allowed, hostname = sieve_settings(settings), settings.hostname or socket.getfqdn()
    addresses = router(settings, stores)
    environment = {
        "host": hostname,
        "domain": hostname.partition(".")[2],
        "name": "ikserver",
        "version": __version__,
        "location": "MDA",
        "phase": "during",
    }
    return Scripting(
        Library(Households(stores.directory), stores.global_scripts),
        Compiler(registry(), allowed),
        Staging(Owners(stores.directory), allowed, environment, time.time),
        Carrier(stores.mail, stores.queue, addresses, stores.spool, stores.threads),
        addresses.onward,
        stores.threads,
    )
