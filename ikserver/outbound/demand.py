# SPDX-License-Identifier: GPL-3.0-or-later
"""How safe the way to a host has to be."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cache

from ikserver.dns.api import Tlsa


@dataclass(frozen=True, slots=True)
class Opportunistic:
    """TLS with whoever answers, and none where that fails: it keeps out those who only listen."""


@dataclass(frozen=True, slots=True)
class Encrypted:
    """TLS, whatever the certificate says."""


@dataclass(frozen=True, slots=True)
class Valid:
    """TLS with a certificate for the host's name from an authority that the system trusts (RFC 8461, 4.1)."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """TLS with a certificate that DNS vouches for (RFC 7672, 3.1)."""

    records: tuple[Tlsa, ...]


Demand = Opportunistic | Encrypted | Valid | Pinned


@cache
def unchecked() -> ssl.SSLContext:
    """Any certificate will do, and so will old servers: the alternative is no encryption at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@cache
def checked() -> ssl.SSLContext:
    """Certificates have to be valid."""
    return ssl.create_default_context()
