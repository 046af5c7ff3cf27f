# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a domain set up so that its mail comes and goes? What is wrong is named with its cure (DIA-01)."""

from __future__ import annotations

import socket

from ikserver.app.admitting import resolver
from ikserver.app.published import Published
from ikserver.app.stores import Stores
from ikserver.delivery.authentication.spf import SpfChecker
from ikserver.settings import Settings


def published(settings: Settings, stores: Stores) -> Published:
    """Who compares DNS with what it should say."""
    dns = resolver(settings)
    return Published(dns, SpfChecker(dns, stores.threads), (settings.hostname or socket.getfqdn()).lower())
