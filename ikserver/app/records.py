# SPDX-License-Identifier: GPL-3.0-or-later
"""What the DNS of a domain should say of its mail, in the form of zone files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ikserver.accounts.domainkeys import DomainKeys
from ikserver.accounts.transportpolicy import HOST_PREFIX, policy_number, policy_of
from ikserver.app.naming import host_name
from ikserver.model.account import Domain
from ikserver.settings import Settings
from protocols.dkim.privatekey import SigningKey

STRING = 255
"""Octets of one string of a TXT record; whoever reads them joins them (RFC 6376, 3.6.2.2)."""


@dataclass(frozen=True, slots=True)
class Record:
    """`data` of a TXT record is its whole text; of another, what a zone file has."""

    name: str
    kind: str
    data: str

    def line(self) -> str:
        """As a zone file has it."""
        return f"{self.name}. {self.kind} {self._written()}"

    def _written(self) -> str:
        if self.kind != "TXT":
            return self.data
        strings = [f'"{self.data[at : at + STRING]}"' for at in range(0, len(self.data), STRING)]
        return strings[0] if len(strings) == 1 else f"( {' '.join(strings)} )"


@dataclass(frozen=True, slots=True)
class Records:
    """All of one domain; `dkim` has a record a key. `host` is for the name of the server, where that is another one in
    the domain: reports have no other sender (RFC 7208, 10.1.3)."""

    mx: Record
    spf: Record
    host: Record | None
    dkim: Sequence[Record]
    dmarc: Record
    mta_sts: Record
    mta_sts_host: Record
    tls_reports: Record

    def all(self) -> Sequence[Record]:
        """In the order in which they are shown."""
        host = [] if self.host is None else [self.host]
        transport = [self.mta_sts, self.mta_sts_host, self.tls_reports]
        return [self.mx, self.spf, *host, *self.dkim, self.dmarc, *transport]


def domain_keys(settings: Settings) -> DomainKeys:
    """The keys of all domains of a server."""
    return DomainKeys(settings.data / "keys" / "dkim")


def wanted_records(settings: Settings, known: Domain, keys: Sequence[SigningKey]) -> Records:
    """What to publish for a domain of this server."""
    host, hub, domain = host_name(settings), settings.outbound.smarthost, known.name
    number = policy_number(policy_of(known, host))
    senders = "mx -all" if hub is None else f"mx a:{hub.host} ~all"
    return Records(
        mx=Record(domain, "MX", f"10 {host}."),
        spf=Record(domain, "TXT", f"v=spf1 {senders}"),
        host=Record(host, "TXT", "v=spf1 a -all") if host.endswith(f".{domain}") else None,
        dkim=[Record(key.name, "TXT", key.record()) for key in keys],
        dmarc=Record(f"_dmarc.{domain}", "TXT", "v=DMARC1; p=quarantine"),
        mta_sts=Record(f"_mta-sts.{domain}", "TXT", f"v=STSv1; id={number};"),
        mta_sts_host=Record(f"{HOST_PREFIX}{domain}", "CNAME", f"{host}."),
        # RFC 8460, 3: where others report what went wrong with TLS.
        tls_reports=Record(f"_smtp._tls.{domain}", "TXT", f"v=TLSRPTv1; rua=mailto:postmaster@{domain}"),
    )
