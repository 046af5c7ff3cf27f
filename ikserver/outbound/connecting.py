# SPDX-License-Identifier: GPL-3.0-or-later
"""From a host's address to a Link that is ready for mail: connect, greet, encrypt as far as it is demanded."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from ikserver.outbound.api import CannotSend, Dial, NotSent, straight
from ikserver.outbound.dane import matches
from ikserver.outbound.demand import Demand, Opportunistic, Pinned, Valid, checked, unchecked
from ikserver.outbound.link import Link
from ikserver.outbound.wire import Timeouts, Wire, WireBroken


@dataclass(frozen=True, slots=True)
class Connecting:
    """`name` is what we call ourselves; `trusted` verifies certificates where they have to be valid."""

    name: str
    timeouts: Timeouts = field(default_factory=Timeouts)
    dial: Dial = straight
    trusted: ssl.SSLContext | None = None

    async def to(self, host: str, address: str, port: int, demand: Demand) -> Link:
        """Raises CannotSend."""
        link = await self._open(host, address, port)
        optional = isinstance(demand, Opportunistic)
        if "STARTTLS" not in link.offered:
            if optional:
                return link
            await link.quit()
            raise CannotSend(NotSent("4.7.4", f"{host} offers no TLS, which is demanded for its domain"))
        try:
            await self._encrypt(link, demand)
            await link.hello(self.name)
        except (WireBroken, CannotSend) as broken:
            link.close()
            if optional:
                # Whoever can break TLS can take STARTTLS away as well: nothing is lost by sending it in the clear.
                return await self._open(host, address, port)
            raise CannotSend(NotSent("4.7.5", f"TLS with {host} failed: {broken}")) from broken
        except BaseException:
            link.close()
            raise
        return link

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
