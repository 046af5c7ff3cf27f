# SPDX-License-Identifier: GPL-3.0-or-later
"""How safe the way to a host has to be, and how safe it turned out."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ikserver.dns.api import Tlsa
from protocols.tlsrpt.model import Result


@dataclass(frozen=True, slots=True)
class Opportunistic:
    """TLS with whoever answers, and none where that fails: it keeps out those who only listen."""


@dataclass(frozen=True, slots=True)
class Encrypted:
    """TLS, whatever the certificate says."""


@dataclass(frozen=True, slots=True)
class Valid:
    """TLS with a certificate for the host's name from an authority that the system trusts (RFC 8461, 4.1).

    Where that is not `enforced`, a failure is told and mail goes on as if nothing were demanded (RFC 8461, 5).
    """

    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Pinned:
    """TLS with a certificate that DNS vouches for (RFC 7672, 3.1)."""

    records: tuple[Tlsa, ...]


Demand = Opportunistic | Encrypted | Valid | Pinned


@dataclass(frozen=True, slots=True)
class Session:
    """How an attempt at TLS ended: `result` is None when it succeeded. `sending` and `receiving` are IP addresses."""

    host: str
    result: Result | None = None
    sending: str = ""
    receiving: str = ""
    reason: str = ""


Told = Callable[[Session], None]


def nobody(session: Session) -> None:
    """The Told of sessions that nobody counts."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On which mail goes to a host, and who is `told` how each attempt at TLS ended."""

    demand: Demand
    told: Told = nobody


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
