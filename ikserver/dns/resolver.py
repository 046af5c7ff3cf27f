# SPDX-License-Identifier: GPL-3.0-or-later
"""`api.Resolver` over the nameservers of the system, or over others, with a cache."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any, TypeVar

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.resolver
import dns.reversename
from dns.nameserver import Do53Nameserver

from ikserver.dns.api import Answer, DnsFailure, Mx, Tlsa
from ikserver.dns.cache import Cache

T = TypeVar("T")

UDP_PAYLOAD = 1232
"""Octets that come through without fragments (DNS Flag Day 2020)."""
MAX_TTL = 86_400
MIN_TTL = 5
"""A TTL of 0 is raised to this: one message asks the same question more than once."""
FAILURE_TTL = 10
"""RFC 2308, 7.1: a failure may be remembered for 5 minutes. Shorter, so that a restarted nameserver is seen soon."""


def open_resolver(
    nameservers: Sequence[tuple[str, int]] | None = None,
    timeout: float = 5.0,
    cache_size: int = 20_000,
    *,
    trust_ad: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> DnsResolver:
    """Address and port of each nameserver, or None for those of /etc/resolv.conf; `timeout` in seconds for all tries.

    The AD bit is believed of nameservers on this machine, and of others when `trust_ad` says that the way to them is
    safe (RFC 4035, 4.9.3). Raises ValueError when a nameserver is not given by its address.
    """
    if nameservers is None:
        nameservers = [(str(address), 53) for address in _of_the_system()]
    asked = dns.asyncresolver.Resolver(configure=False)
    asked.nameservers = [Do53Nameserver(address, port) for address, port in nameservers]
    asked.lifetime = timeout
    asked.timeout = timeout / 3
    asked.use_edns(0, 0, UDP_PAYLOAD)
    # RFC 6840, 5.7: AD in a question asks for AD in the answer.
    asked.flags = dns.flags.RD | dns.flags.AD
    trusted = [ip_address(host).is_loopback or trust_ad for host, _ in nameservers]
    return DnsResolver(asked, Cache(cache_size, clock), trust_ad=all(trusted))


def _of_the_system() -> Sequence[object]:
    """Without any in /etc/resolv.conf it is the one on this machine, as in resolv.conf(5)."""
    try:
        return dns.asyncresolver.Resolver().nameservers
    except dns.resolver.NoResolverConfiguration:
        return ["127.0.0.1"]


class DnsResolver:
    """Identical questions that come at the same time are asked once."""

    def __init__(
        self,
        asked: dns.asyncresolver.Resolver,
        cache: Cache[tuple[str, str], Answer[Any] | DnsFailure],
        *,
        trust_ad: bool,
    ) -> None:
        self._asked = asked
        self._cache = cache
        self._trust_ad = trust_ad
        self._pending: dict[tuple[str, str], asyncio.Task[Answer[Any]]] = {}

    async def a(self, name: str) -> Answer[str]:
        return await self._answer(name, "A", lambda record: str(record.address))

    async def aaaa(self, name: str) -> Answer[str]:
        return await self._answer(name, "AAAA", lambda record: str(record.address))

    async def mx(self, name: str) -> Answer[Mx]:
        return await self._answer(name, "MX", lambda record: Mx(record.preference, _text(record.exchange)))

    async def txt(self, name: str) -> Answer[bytes]:
        return await self._answer(name, "TXT", lambda record: b"".join(record.strings))

    async def ptr(self, address: str) -> Answer[str]:
        name = dns.reversename.from_address(address)
        return await self._answer(_text(name), "PTR", lambda record: _text(record.target))

    async def tlsa(self, name: str) -> Answer[Tlsa]:
        return await self._answer(
            name, "TLSA", lambda record: Tlsa(record.usage, record.selector, record.mtype, record.cert)
        )

    async def cname(self, name: str) -> Answer[str]:
        return await self._answer(name, "CNAME", lambda record: _text(record.target))

    async def _answer(self, name: str, kind: str, read: Callable[[Any], T]) -> Answer[T]:
        key = (name.lower().removesuffix("."), kind)
        kept = self._cache.get(key)
        if kept is None:
            return await self._shared(key, read)
        if isinstance(kept.value, DnsFailure):
            raise kept.value.with_traceback(None)
        answer = kept.value
        return Answer(answer.records, answer.exists, answer.authentic, int(kept.seconds))

    async def _shared(self, key: tuple[str, str], read: Callable[[Any], T]) -> Answer[T]:
        """Whoever asks first starts a task; who waits for it may be cancelled without harm to the others."""
        task = self._pending.get(key)
        if task is None:
            task = self._pending[key] = asyncio.get_running_loop().create_task(self._ask(key, read))
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    def _finished(self, key: tuple[str, str], task: asyncio.Task[Answer[Any]]) -> None:
        del self._pending[key]
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, DnsFailure):
            self._cache.put(key, error, FAILURE_TTL)
        elif error is None:
            answer = task.result()
            self._cache.put(key, answer, max(MIN_TTL, answer.ttl))

    async def _ask(self, key: tuple[str, str], read: Callable[[Any], T]) -> Answer[T]:
        try:
            name = dns.name.from_text(key[0], dns.name.root)
        except (dns.exception.DNSException, UnicodeError):
            # No such name can be in DNS: a label of 64 octets, an empty one.
            return Answer((), False, False, MAX_TTL)
        try:
            found = await self._asked.resolve(name, key[1], search=False, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN as error:
            return self._none(error.response(name), exists=False)  # type: ignore[no-untyped-call]
        except (dns.exception.DNSException, OSError) as error:
            raise DnsFailure(f"{key[0]} {key[1]}: {error}") from error
        if found.rrset is None:
            return self._none(found.response, exists=True)
        records = tuple(read(record) for record in found.rrset)
        return Answer(records, True, self._authentic(found.response), _ttl(found.chaining_result.minimum_ttl))

    def _none(self, response: dns.message.QueryMessage, *, exists: bool) -> Answer[Any]:
        """RFC 2308, 5: the SOA record says how long there is nothing."""
        ttl = response.resolve_chaining().minimum_ttl
        return Answer((), exists, self._authentic(response), _ttl(ttl))

    def _authentic(self, response: dns.message.Message) -> bool:
        return self._trust_ad and bool(response.flags & dns.flags.AD)


def _ttl(seconds: int) -> int:
    return min(seconds, MAX_TTL)


def _text(name: dns.name.Name) -> str:
    """Without the final dot: the root is an empty name."""
    return name.to_text().lower().removesuffix(".")
