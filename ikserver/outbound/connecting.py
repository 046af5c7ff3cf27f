# SPDX-License-Identifier: GPL-3.0-or-later
"""From a host's address to a Link that is ready for mail: connect, greet, encrypt as far as it is demanded."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from ikserver.outbound.api import CannotSend, Dial, NotSent, straight
from ikserver.outbound.dane import matches
from ikserver.outbound.demand import (
    Demand,
    Opportunistic,
    Pinned,
    Session,
    Terms,
    Told,
    Valid,
    checked,
    unchecked,
)
from ikserver.outbound.link import Link
from ikserver.outbound.wire import Timeouts, Wire, WireBroken
from protocols.tlsrpt.model import Result

_OF_CERTIFICATES = {10: Result.EXPIRED, 62: Result.HOST_MISMATCH, 64: Result.HOST_MISMATCH}
"""By the codes that OpenSSL has for what is wrong with a certificate: X509_V_ERR_*."""


@dataclass(frozen=True, slots=True)
class Connecting:
    """`name` is what we call ourselves; `trusted` verifies certificates where they have to be valid."""

    name: str
    timeouts: Timeouts = field(default_factory=Timeouts)
    dial: Dial = straight
    trusted: ssl.SSLContext | None = None

    async def to(self, host: str, address: str, port: int, terms: Terms) -> Link:
        """Raises CannotSend."""
        link = await self._open(host, address, port)
        demand, told = terms.demand, _teller(terms.told, link, address)
        if "STARTTLS" not in link.offered:
            told(Result.NO_STARTTLS)
            if _is_optional(demand):
                return link
            await link.quit()
            raise CannotSend(NotSent("4.7.4", f"{host} offers no TLS, which is demanded for its domain"))
        try:
            await self._encrypt(link, demand)
            await link.hello(self.name)
        except (WireBroken, CannotSend) as broken:
            link.close()
            told(_result(broken), str(broken))
            return await self._without(host, address, port, demand, broken)
        except BaseException:
            link.close()
            raise
        told(None)
        return link

    async def _without(
        self, host: str, address: str, port: int, demand: Demand, broken: WireBroken | CannotSend
    ) -> Link:
        """After TLS failed: less of it, as far as the demand allows. Raises CannotSend."""
        if not _is_optional(demand):
            raise CannotSend(NotSent("4.7.5", f"TLS with {host} failed: {broken}")) from broken
        if isinstance(demand, Valid):
            return await self.to(host, address, port, Terms(Opportunistic()))
        # Whoever can break TLS can take STARTTLS away as well: nothing is lost by sending it in the clear.
        return await self._open(host, address, port)

    async def _open(self, host: str, address: str, port: int) -> Link:
        where, at = self.dial(address, port)
        try:
            wire = await Wire.connect(where, at, self.timeouts.connect)
        except WireBroken as broken:
            raise CannotSend(NotSent("4.4.1", f"{host} ({address}) does not answer: {broken}")) from broken
        link = Link(host, wire, self.timeouts)
        try:
            await link.greet(self.name)
        except BaseException:
            link.close()
            raise
        return link

    async def _encrypt(self, link: Link, demand: Demand) -> None:
        valid = isinstance(demand, Valid)
        session = await link.start_tls((self.trusted or checked()) if valid else unchecked())
        if isinstance(demand, Pinned) and not matches(demand.records, link.host, session):
            raise WireBroken("its certificate is not the one that DNS tells of")


def _is_optional(demand: Demand) -> bool:
    return isinstance(demand, Opportunistic) or (isinstance(demand, Valid) and not demand.enforced)


def _teller(told: Told, link: Link, address: str) -> Callable[..., None]:
    def tell(result: Result | None, reason: str = "") -> None:
        told(Session(link.host, result, link.local, address, reason))

    return tell


def _result(broken: Exception) -> Result:
    """RFC 8460, 4.3.1."""
    cause = broken.__cause__
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return Result.VALIDATION_FAILURE
    return _OF_CERTIFICATES.get(cause.verify_code, Result.NOT_TRUSTED)
