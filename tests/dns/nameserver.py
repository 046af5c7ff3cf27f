# SPDX-License-Identifier: GPL-3.0-or-later
"""A nameserver on loopback, over UDP and TCP, that knows a small zone and can misbehave."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = Mapping[tuple[str, str], Sequence[str]]
"""Records in zone-file form by name and type: {("example.org", "MX"): ["10 mail.example.org."]}."""


@dataclass
class Nameserver:
    """`failing` names get SERVFAIL, `silent` ones no answer. `asked` counts the questions."""

    zone: dict[tuple[str, str], Sequence[str]]
    ttl: int = 300
    negative_ttl: int = 60
    authentic: bool = False
    failing: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    port: int = 0

    def answer(self, wire: bytes, *, room: int) -> bytes | None:
        query = dns.message.from_wire(wire)
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        self.asked[name, kind] += 1
        if name in self.silent:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AD * self.authentic
        if name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
        else:
            self._fill(response, name, kind)
        full = response.to_wire(max_size=65_535)
        if len(full) <= room:
            return full
        response = dns.message.make_response(query)
        response.flags |= dns.flags.TC
        return response.to_wire()

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        for _ in range(8):
            if records := self.zone.get((name, kind)):
                response.answer.append(dns.rrset.from_text(f"{name}.", self.ttl, "IN", kind, *records))
                return
            alias = self.zone.get((name, "CNAME"))
            if not alias:
                break
            response.answer.append(dns.rrset.from_text(f"{name}.", self.ttl, "IN", "CNAME", *alias))
            name = alias[0].removesuffix(".").lower()
        if not any(known == name or known.endswith(f".{name}") for known, _ in self.zone):
            response.set_rcode(dns.rcode.NXDOMAIN)
        soa = f". . 1 1 1 1 {self.negative_ttl}"
        response.authority.append(dns.rrset.from_text(".", self.negative_ttl, "IN", "SOA", soa))


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: Nameserver) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._server.answer(data, room=1232)
        if answer is not None:
            self._transport.sendto(answer, addr)


@asynccontextmanager
async def nameserver(zone: Zone) -> AsyncIterator[Nameserver]:
    """Serve `zone` on a port of loopback."""
    server = Nameserver(dict(zone))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = int.from_bytes(await reader.readexactly(2), "big")
        answer = server.answer(await reader.readexactly(size), room=65_535)
        if answer is not None:
            writer.write(len(answer).to_bytes(2, "big") + answer)
        writer.close()

    loop = asyncio.get_running_loop()
    tcp = await asyncio.start_server(talk, "127.0.0.1", 0)
    server.port = tcp.sockets[0].getsockname()[1]
    udp, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(server), ("127.0.0.1", server.port))
    try:
        yield server
    finally:
        udp.close()
        tcp.close()
