# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rest of ikserver asks of DNS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

T = TypeVar("T", covariant=True)


class DnsFailure(Exception):
    """No answer, or one that says that the server cannot tell (SERVFAIL, REFUSED, a time-out): try again later."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """`records` is empty when there are none (`exists`: the name is there) or the name is not (NXDOMAIN).

    `authentic`: the resolver validated the answer by DNSSEC and the way to it is trusted (RFC 4035, 3.2.3).
    `ttl` in seconds.
    """

    records: tuple[T, ...]
    exists: bool
    authentic: bool
    ttl: int


@dataclass(frozen=True, slots=True)
class Mx:
    preference: int
    host: str


@dataclass(frozen=True, slots=True)
class Tlsa:
    """RFC 6698, 2.1."""

    usage: int
    selector: int
    matching: int
    data: bytes

    def __str__(self) -> str:
        """RFC 6698, 2.2."""
        return f"{self.usage} {self.selector} {self.matching} {self.data.hex()}"


class Resolver(Protocol):
    """Names are given and returned in ASCII, lower case, without the final dot. Each raises DnsFailure."""

    async def a(self, name: str) -> Answer[str]: ...

    async def aaaa(self, name: str) -> Answer[str]: ...

    async def mx(self, name: str) -> Answer[Mx]: ...

    async def txt(self, name: str) -> Answer[bytes]:
        """The strings of each record joined."""

    async def ptr(self, address: str) -> Answer[str]:
        """Names of an IPv4 or IPv6 address."""

    async def tlsa(self, name: str) -> Answer[Tlsa]: ...

    async def cname(self, name: str) -> Answer[str]: ...
