# SPDX-License-Identifier: GPL-3.0-or-later
"""Does DNS say of a domain what it should? Each finding is about one of the records to publish."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ikserver.app.doctor import Finding, Level
from ikserver.app.reachable import addresses_of
from ikserver.app.records import Record, Records
from ikserver.delivery.authentication.spf import SpfChecker
from ikserver.dns.api import DnsFailure, Resolver
from ikserver.model.authentication import Result
from protocols.dkim.errors import Unusable
from protocols.dkim.key import parse_key
from protocols.dkim.privatekey import SigningKey
from protocols.dmarc.record import Policy, parse_record, sole_record
from protocols.smtp.mtasts import policy_id

Seen = tuple[Level, str]
MISSING = "is missing"


@dataclass(frozen=True, slots=True)
class Published:
    """Asks DNS about the domains of the server `hostname`."""

    resolver: Resolver
    spf: SpfChecker
    hostname: str

    async def look(self, wanted: Records, keys: Sequence[SigningKey]) -> Sequence[Finding]:
        """A finding a record, in the order of `wanted.all()`; `keys` are those of `wanted.dkim`."""
        looks = [_finding("mx", wanted.mx, self._mx(wanted.mx.name))]
        looks.append(_finding("spf", wanted.spf, self._spf(wanted.spf.name, "mx")))
        if wanted.host is not None:
            looks.append(_finding("spf", wanted.host, self._spf(wanted.host.name, "a")))
        head, dkim, tail = await asyncio.gather(
            asyncio.gather(*looks),
            asyncio.gather(
                *(_finding("dkim", record, self._dkim(key)) for record, key in zip(wanted.dkim, keys, strict=True))
            ),
            asyncio.gather(
                _finding("dmarc", wanted.dmarc, self._dmarc(wanted.dmarc.name)),
                _finding("mta-sts", wanted.mta_sts, self._mta_sts(wanted.mta_sts)),
                _finding("mta-sts", wanted.mta_sts_host, self._same_host(wanted.mta_sts_host.name)),
                _finding("tls-rpt", wanted.tls_reports, self._tls_reports(wanted.tls_reports.name)),
            ),
        )
        return [*head, *_with_overlap(dkim, keys), *tail]

    async def _mx(self, domain: str) -> Seen:
        found = (await self.resolver.mx(domain)).records
        hosts = [mx.host for mx in sorted(found, key=lambda mx: mx.preference)]
        if not hosts:
            return Level.FAULT, MISSING
        if self.hostname not in hosts:
            return Level.FAULT, f"leads to {', '.join(hosts)} and not to {self.hostname}"
        return Level.OK, f"leads to {', '.join(hosts)}"

    async def _spf(self, domain: str, cure: str) -> Seen:
        texts = [text for text in (await self.resolver.txt(domain)).records if text.lower().split()[:1] == [b"v=spf1"]]
        if len(texts) != 1:
            # RFC 7208, 4.5: with several records the result is an error.
            return Level.FAULT, "is there more than once: none counts" if texts else MISSING
        for address in await addresses_of(self.resolver, self.hostname):
            found = await self.spf.check(address, f"postmaster@{domain}", self.hostname)
            if found.result is not Result.PASS:
                said = f"says {found.result.value} of {address}, which is this server"
                return Level.FAULT, f"{_text(texts[0])!r} {said}: add {cure} to it"
        return Level.OK, "lets this server send"

    async def _dmarc(self, name: str) -> Seen:
        text = sole_record((await self.resolver.txt(name)).records)
        if text is None:
            return Level.FAULT, MISSING
        record = parse_record(text)
        if record is None:
            return Level.FAULT, f"{_text(text)!r} asks for nothing that is known"
        if record.policy is Policy.NONE:
            return Level.WARNING, "has p=none: forged mail is delivered"
        return Level.OK, f"asks for {record.policy.value}"

    async def _mta_sts(self, record: Record) -> Seen:
        found = policy_id((await self.resolver.txt(record.name)).records)
        if found is None:
            return Level.WARNING, f"{MISSING}: forgers in between can take TLS away"
        if found != policy_id([record.data.encode()]):
            return Level.FAULT, f"has the id {found}: others keep an older policy until it is changed"
        return Level.OK, "has the id of the policy"

    async def _same_host(self, name: str) -> Seen:
        """A CNAME, or addresses of its own."""
        there, ours = await asyncio.gather(
            addresses_of(self.resolver, name), addresses_of(self.resolver, self.hostname)
        )
        if not there:
            return Level.WARNING, f"{MISSING}: nobody finds the policy"
        if not set(there) <= set(ours):
            return Level.FAULT, f"leads to {', '.join(there)} and not to {self.hostname}"
        return Level.OK, f"leads to {self.hostname}"

    async def _tls_reports(self, name: str) -> Seen:
        # RFC 8460, 3: one record only.
        texts = [text for text in (await self.resolver.txt(name)).records if text.startswith(b"v=TLSRPTv1")]
        if len(texts) != 1:
            text = "is there more than once: none counts" if texts else f"{MISSING}: nobody tells what fails with TLS"
            return Level.WARNING, text
        return Level.OK, "asks for reports"

    async def _dkim(self, key: SigningKey) -> Seen:
        texts = (await self.resolver.txt(key.name)).records
        if not texts:
            return Level.FAULT, MISSING
        try:
            agrees = parse_key(texts).public == key.private.public_key()
        except Unusable as error:
            return Level.FAULT, f"cannot be used: {error}"
        return (Level.OK, "is there") if agrees else (Level.FAULT, "has another key")


async def _finding(area: str, record: Record, looking: Coroutine[Any, Any, Seen]) -> Finding:
    try:
        level, text = await looking
    except DnsFailure as failure:
        level, text = Level.FAULT, f"cannot be known now: {failure}"
    return Finding(area, level, f"{record.kind} of {record.name} {text}", record)


def _with_overlap(findings: Sequence[Finding], keys: Sequence[SigningKey]) -> Sequence[Finding]:
    """A key that DNS does not have is no fault while it has another one of that kind: that one signs."""
    there = {key.kind for key, finding in zip(keys, findings, strict=True) if finding.level is Level.OK}
    return [
        replace(finding, level=Level.WARNING) if finding.level is Level.FAULT and key.kind in there else finding
        for key, finding in zip(keys, findings, strict=True)
    ]


def _text(octets: bytes) -> str:
    return octets.decode("ascii", "replace")
