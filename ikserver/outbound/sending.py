# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch of messages goes to one of the hosts of its domain, over as few connections as that takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ikserver.outbound.api import CannotSend, NotSent, Outcome
from ikserver.outbound.connecting import Connecting
from ikserver.outbound.demand import Demand, Encrypted, Opportunistic, Valid
from ikserver.outbound.link import Link
from ikserver.outbound.preparing import Preparing
from ikserver.outbound.routing import Routing, Smarthost
from ikserver.store.api.queue import Batch, Claimed

PORT = 25
MESSAGES_A_LINK = 100
Settle = Callable[[Claimed, Sequence[Outcome]], Awaitable[None]]
"""Called after each message, before the next one: so a crash sends at most one message a connection twice."""


class Ways(Protocol):
    """How to reach a domain."""

    async def open(self, domain: str) -> Link:
        """To the first host that answers. Raises CannotSend."""


class Security(Protocol):
    """What is demanded of the connection to a host."""

    async def demand(self, domain: str, host: str, *, authentic: bool) -> Demand:
        """Raises CannotSend when mail for the domain must not go to the host."""


class AnySecurity:
    """TLS where it is offered."""

    async def demand(self, domain: str, host: str, *, authentic: bool) -> Demand:
        return Opportunistic()


@dataclass(frozen=True, slots=True)
class Direct:
    """To the domain's own hosts."""

    routing: Routing
    connecting: Connecting
    security: Security = field(default_factory=AnySecurity)

    async def open(self, domain: str) -> Link:
        """See Ways."""
        hosts = await self.routing.hosts(domain)
        failure: CannotSend | None = None
        for host in hosts.names:
            try:
                demand = await self.security.demand(domain, host, authentic=hosts.authentic)
                return await _first(self.connecting, host, await self.routing.addresses(host), PORT, demand)
            except CannotSend as refused:
                failure = _milder(failure, refused)
        raise failure or CannotSend(NotSent("4.4.4", f"No host takes mail for {domain}"))


@dataclass(frozen=True, slots=True)
class Through:
    """To a smarthost, whatever the domain."""

    smarthost: Smarthost
    routing: Routing
    connecting: Connecting

    async def open(self, domain: str) -> Link:
        """See Ways."""
        hub = self.smarthost
        demand: Demand = Valid() if hub.verify else Encrypted() if hub.user else Opportunistic()
        link = await _first(self.connecting, hub.host, await self.routing.addresses(hub.host), hub.port, demand)
        if hub.user:
            try:
                await link.sign_in(hub.user, hub.password)
            except BaseException:
                link.close()
                raise
        return link


async def _first(connecting: Connecting, host: str, addresses: Sequence[str], port: int, demand: Demand) -> Link:
    """To the first address that answers. Raises CannotSend."""
    failure: CannotSend | None = None
    for address in addresses:
        try:
            return await connecting.to(host, address, port, demand)
        except CannotSend as refused:
            failure = _milder(failure, refused)
    raise failure or CannotSend(NotSent("4.4.4", f"{host} has no address"))


def _milder(before: CannotSend | None, now: CannotSend) -> CannotSend:
    """The last failure, but one that may pass rather than one for good: another host may take the mail later."""
    return now if before is None or before.outcome.permanent or not now.outcome.permanent else before


class Sending:
    """Sends batches, one call each."""

    def __init__(self, ways: Ways, preparing: Preparing) -> None:
        self._ways = ways
        self._preparing = preparing

    async def send(self, batch: Batch, settle: Settle) -> bool:
        """Every message is settled in the end, unless this is cancelled. False when no host can be reached now."""
        left = deque(batch.messages)
        while left:
            try:
                link = await self._ways.open(batch.domain)
            except CannotSend as failure:
                await _settle_all(left, failure.outcome, settle)
                return failure.outcome.permanent
            before = len(left)
            try:
                await self._over(link, left, settle)
            except CannotSend as failure:
                if len(left) == before:
                    await _settle_all(left, failure.outcome, settle)
        return True

    async def _over(self, link: Link, left: deque[Claimed], settle: Settle) -> None:
        """Send what `left` begins with; raises CannotSend when the connection breaks."""
        try:
            sent = 0
            while left and link.usable and sent < MESSAGES_A_LINK:
                outcomes = await self._one(link, left[0])
                message = left.popleft()
                if outcomes:
                    await settle(message, outcomes)
                sent += 1
        except BaseException:
            link.close()
            raise
        await link.quit()

    async def _one(self, link: Link, message: Claimed) -> Sequence[Outcome]:
        """Nothing for a message that somebody dropped meanwhile."""
        prepared = await self._preparing.prepare(message, link.offered)
        if prepared is None:
            return []
        if isinstance(prepared, NotSent):
            return [prepared for _ in message.recipients]
        try:
            return await link.send(message, prepared.body, prepared.head, eight_bit=prepared.eight_bit)
        finally:
            await prepared.close()


async def _settle_all(left: deque[Claimed], outcome: NotSent, settle: Settle) -> None:
    while left:
        message = left.popleft()
        await settle(message, [outcome for _ in message.recipients])
