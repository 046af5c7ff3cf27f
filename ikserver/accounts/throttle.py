# SPDX-License-Identifier: GPL-3.0-or-later
"""Slows down whoever guesses passwords, without locking out the owner of an address who sits elsewhere.

Failures are counted by address and client together, by address, by client, and by the client's network. Each count
has some free tries; from then on every failure doubles a pause. Counts are in the memory of each worker, for a client's
connections fall to any of them; a worker tells the others of failures, and of nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ikserver.changes import Changes
from ikserver.model.changes import NO_ACCOUNT, Hint, LoginFailed, LoginForgiven


@dataclass(frozen=True, slots=True)
class LoginLimits:
    """Free tries of each kind; then a pause of `first_pause` seconds, doubling up to `longest_pause`.

    A count is forgotten `forget` seconds after its last failure. At most `max_counts` are kept.
    """

    by_both: int = 5
    by_address: int = 20
    by_client: int = 30
    by_network: int = 100
    first_pause: float = 1.0
    longest_pause: float = 900.0
    forget: float = 3600.0
    max_counts: int = 100_000


@dataclass(slots=True)
class _Count:
    failures: int
    last: float
    fingerprint: bytes | None


class Throttle:
    """Hears of failures, its own too, over `changes`: all that share a relay have the same counts."""

    def __init__(
        self, limits: LoginLimits, clock: Callable[[], float] = time.monotonic, changes: Changes | None = None
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._changes = changes or Changes()
        self._counts: dict[Hashable, _Count] = {}
        self._trusted: dict[Hashable, float] = {}
        self._changes.subscribe(NO_ACCOUNT, self._hear)

    def pause(self, address: str, peer: str) -> float:
        """Seconds until a try for `address` from the IP address `peer` is heard; 0 when it is now."""
        now = self._clock()
        both, *others = self._keys(_failure(address, peer))
        keys = [both] if self._is_trusted(both[0], now) else [both, *others]
        return max(self._left(key, free, now) for key, free in keys)

    def failed(self, address: str, peer: str, fingerprint: bytes | None = None) -> None:
        """Count a failure. A device that sends the same wrong password again (same `fingerprint`) counts once."""
        failure = _failure(address, peer)
        both = failure.address, failure.client
        count = self._counts.get(both)
        if count is not None and fingerprint is not None and count.fingerprint == fingerprint:
            return
        self._changes.publish(failure)
        self._counts[both].fingerprint = fingerprint

    def succeeded(self, address: str, peer: str) -> None:
        """Who has logged in from here is from now on slowed by failures from here only."""
        failure = _failure(address, peer)
        both = failure.address, failure.client
        if both in self._counts or ("address", failure.address) in self._counts:
            self._changes.publish(LoginForgiven(*both))
        self._trusted.pop(both, None)
        self._trusted[both] = self._clock()
        if len(self._trusted) > self._limits.max_counts:
            del self._trusted[next(iter(self._trusted))]

    def _hear(self, hint: Hint) -> None:
        match hint:
            case LoginFailed():
                now = self._clock()
                for key, _ in self._keys(hint):
                    self._add(key, now)
            case LoginForgiven(address, client):
                self._counts.pop((address, client), None)
                self._counts.pop(("address", address), None)

    def __len__(self) -> int:
        """How many counts are kept."""
        return len(self._counts)

    def _is_trusted(self, both: Hashable, now: float) -> bool:
        return now - self._trusted.get(both, -self._limits.forget) < self._limits.forget

    def _left(self, key: Hashable, free: int, now: float) -> float:
        count = self._counts.get(key)
        if count is None or count.failures < free or now - count.last > self._limits.forget:
            return 0.0
        # The exponent is capped so that it cannot overflow.
        pause = self._limits.first_pause * 2.0 ** min(count.failures - free, 32)
        return max(0.0, count.last + min(pause, self._limits.longest_pause) - now)

    def _add(self, key: Hashable, now: float) -> None:
        # Taken out and put back at the end: the first of the dict is the one whose last failure is oldest.
        count = self._counts.pop(key, None)
        failures = count.failures if count and now - count.last <= self._limits.forget else 0
        self._counts[key] = _Count(failures + 1, now, count.fingerprint if count else None)
        if len(self._counts) > self._limits.max_counts:
            del self._counts[next(iter(self._counts))]

    def _keys(self, failure: LoginFailed) -> Iterator[tuple[Hashable, int]]:
        yield (failure.address, failure.client), self._limits.by_both
        yield ("address", failure.address), self._limits.by_address
        yield ("client", failure.client), self._limits.by_client
        yield ("network", failure.network), self._limits.by_network


def _failure(address: str, peer: str) -> LoginFailed:
    client = client_of(peer)
    return LoginFailed(_digest(address), _digest(client), _digest(_network(client)))


@lru_cache(maxsize=1024)
def _digest(name: str) -> int:
    """64 bits with a sign, the same in every process: so it fits into a hint."""
    return int.from_bytes(blake2b(name.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)


@lru_cache(maxsize=1024)
def client_of(peer: str) -> str:
    """One client: an IPv4 address, or the /64 that an IPv6 client moves about in."""
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)


@lru_cache(maxsize=1024)
def _network(client: str) -> str:
    """The neighbourhood of a client: an IPv4 /24 or an IPv6 /48."""
    try:
        network = ip_network(client)
    except ValueError:
        return client
    return str(network.supernet(new_prefix=24 if isinstance(network.network_address, IPv4Address) else 48))
