# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch of messages goes to one of the hosts of its domain, over as few connections as that takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ikserver.model.tls import TlsWish
from ikserver.outbound.api import CannotSend, NotSent, Outcome
from ikserver.outbound.connecting import Connecting
from ikserver.outbound.demand import Demand, Encrypted, Opportunistic, Terms, Valid
from ikserver.outbound.link import Link
from ikserver.outbound.preparing import Preparing
from ikserver.outbound.routing import Hosts, Routing, Smarthost
from ikserver.store.api.queue import Batch, Claimed

PORT = 25
MESSAGES_A_LINK = 100
UNSAFE = ("4.7.4", "4.7.5")
"""Statuses for what `Connecting` and `Security` find too little."""
Settle = Callable[[Claimed, Sequence[Outcome]], Awaitable[None]]
"""Called after each message, before the next one: so a crash sends at most one message a connection twice."""


class Ways(Protocol):
    """How to reach a domain."""

    async def open(self, domain: str, wish: TlsWish) -> Link:
        """To the first host that answers and is as safe as it has to be. Raises CannotSend."""


class Security(Protocol):
    """What is demanded of the connection to a host."""

    async def terms(self, domain: str, host: str, hosts: Hosts, wish: TlsWish) -> Terms:
        """`host` is one of `hosts`. Raises CannotSend when mail for the domain must not go to the host."""


class AnySecurity:
    """TLS where it is offered."""

    async def terms(self, domain: str, host: str, hosts: Hosts, wish: TlsWish) -> Terms:
        return Terms(Opportunistic())


@dataclass(frozen=True, slots=True)
class Direct:
    """To the domain's own hosts."""

    routing: Routing
    connecting: Connecting
    security: Security = field(default_factory=AnySecurity)

    async def open(self, domain: str, wish: TlsWish) -> Link:
        """See Ways."""
        hosts = await self.routing.hosts(domain)
        failure: CannotSend | None = None
        for host in hosts.names:
            try:
                terms = await self.security.terms(domain, host, hosts, wish)
                link = await _first(self.connecting, host, await self.routing.addresses(host), PORT, terms)
                return await _promising(link, wish)
            except CannotSend as refused:
                failure = _milder(failure, _final(refused, wish))
        raise failure or CannotSend(NotSent("4.4.4", f"No host takes mail for {domain}"))


@dataclass(frozen=True, slots=True)
class Through:
    """To a smarthost, whatever the domain."""

    smarthost: Smarthost
    routing: Routing
    connecting: Connecting

    async def open(self, domain: str, wish: TlsWish) -> Link:
        """See Ways."""
        hub = self.smarthost
        valid = hub.verify or wish is TlsWish.REQUIRED
        demand: Demand = Valid() if valid else Encrypted() if hub.user else Opportunistic()
        try:
            addresses = await self.routing.addresses(hub.host)
            link = await _first(self.connecting, hub.host, addresses, hub.port, Terms(demand))
        except CannotSend as refused:
            raise _final(refused, wish) from refused
        await _promising(link, wish)
        if hub.user:
            try:
                await link.sign_in(hub.user, hub.password)
            except BaseException:
                link.close()
                raise
        return link


async def _first(connecting: Connecting, host: str, addresses: Sequence[str], port: int, terms: Terms) -> Link:
    """To the first address that answers. Raises CannotSend."""
    failure: CannotSend | None = None
    for address in addresses:
        try:
            return await connecting.to(host, address, port, terms)
        except CannotSend as refused:
            failure = _milder(failure, refused)
    raise failure or CannotSend(NotSent("4.4.4", f"{host} has no address"))


async def _promising(link: Link, wish: TlsWish) -> Link:
    """The link, when the server promises to pass mail on as safely as its sender demands. Raises CannotSend."""
    if wish is not TlsWish.REQUIRED or "REQUIRETLS" in link.offered:
        return link
    await link.quit()
    raise CannotSend(NotSent("5.7.30", f"REQUIRETLS support required, which {link.host} does not offer"))


def _final(refused: CannotSend, wish: TlsWish) -> CannotSend:
    """Mail that demands a safe way comes back at once where there is none (RFC 8689, 4.2.1); other mail waits for the
    operators of the domain to mend it. What the other server said itself stays what it was."""
    outcome = refused.outcome
    if wish is not TlsWish.REQUIRED or outcome.host or outcome.status not in UNSAFE:
        return refused
    return CannotSend(replace(outcome, status="5.7.10", text=f"Encryption needed: {outcome.text}"))


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
        by_wish: dict[TlsWish, deque[Claimed]] = {}
        for message in batch.messages:
            by_wish.setdefault(_wish(message), deque()).append(message)
        return all([await self._alike(batch.domain, wish, left, settle) for wish, left in by_wish.items()])

    async def _alike(self, domain: str, wish: TlsWish, left: deque[Claimed], settle: Settle) -> bool:
        """Messages that can share a connection."""
        while left:
            try:
                link = await self._ways.open(domain, wish)
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


def _wish(message: Claimed) -> TlsWish:
    """A report to a sender goes on where it can (RFC 8689, 5)."""
    return TlsWish.USUAL if message.tls is TlsWish.REQUIRED and not message.sender else message.tls


async def _settle_all(left: deque[Claimed], outcome: NotSent, settle: Settle) -> None:
    while left:
        message = left.popleft()
        await settle(message, [outcome for _ in message.recipients])
