# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS as a test writes it down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ikserver.dns.api import Answer, DnsFailure, Mx, Tlsa

T = TypeVar("T")


@dataclass
class Zone:
    """`ikserver.dns.api.Resolver`. Names in `broken` cannot be resolved now; `authentic` is said of every answer."""

    mxs: Mapping[str, Sequence[tuple[int, str]]] = field(default_factory=dict)
    a_records: Mapping[str, Sequence[str]] = field(default_factory=dict)
    aaaa_records: Mapping[str, Sequence[str]] = field(default_factory=dict)
    texts: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    tlsas: Mapping[str, Sequence[Tlsa]] = field(default_factory=dict)
    broken: Sequence[str] = ()
    authentic: bool = False

    async def a(self, name: str) -> Answer[str]:
        return self._answer(name, self.a_records.get(name, ()))

    async def aaaa(self, name: str) -> Answer[str]:
        return self._answer(name, self.aaaa_records.get(name, ()))

    async def mx(self, name: str) -> Answer[Mx]:
        return self._answer(name, [Mx(*record) for record in self.mxs.get(name, ())])

    async def txt(self, name: str) -> Answer[bytes]:
        return self._answer(name, self.texts.get(name, ()))

    async def ptr(self, address: str) -> Answer[str]:
        return self._answer(address, ())

    async def tlsa(self, name: str) -> Answer[Tlsa]:
        return self._answer(name, self.tlsas.get(name, ()))

    async def cname(self, name: str) -> Answer[str]:
        return self._answer(name, ())

    def _answer(self, name: str, records: Sequence[T]) -> Answer[T]:
        if name in self.broken:
            raise DnsFailure(f"SERVFAIL for {name}")
        tables = (self.mxs, self.a_records, self.aaaa_records, self.texts, self.tlsas)
        return Answer(tuple(records), any(name in table for table in tables), self.authentic, 300)


FAR = Zone(mxs={"far.test": [(10, "mx.far.test")]}, a_records={"mx.far.test": ["192.0.2.1"]})
"""far.test with one host."""
