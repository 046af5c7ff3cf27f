# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS, and what asks it about strangers, from the settings."""

from __future__ import annotations

from ikserver.app.stores import Stores
from ikserver.delivery.authentication.admission import Admission
from ikserver.delivery.authentication.examination import Examination
from ikserver.delivery.authentication.rules import Rules
from ikserver.delivery.authentication.tally import Tally
from ikserver.dns.resolver import DnsResolver, open_resolver
from ikserver.model.authentication import Disposition
from ikserver.settings import Settings, SettingsError


def resolver(settings: Settings) -> DnsResolver:
    """One for the whole process: its cache is shared. Raises SettingsError."""
    given = settings.dns
    named = [(address.host or "127.0.0.1", address.port) for address in given.nameservers]
    try:
        return open_resolver(named or None, given.timeout, trust_ad=given.trust_ad)
    except ValueError as error:
        raise SettingsError(f"dns.nameservers: {error}") from error


def admission(settings: Settings, hostname: str, dns: DnsResolver, stores: Stores, tally: Tally | None) -> Admission:
    """How mail from strangers comes in on port 25."""
    given = settings.authentication
    rules = Rules(
        dmarc=Disposition(given.dmarc),
        sealers=frozenset(map(str.lower, given.trusted_sealers)),
        bad_lists=given.block_lists,
        good_lists=given.allow_lists,
    )
    return Admission(
        Examination(dns, stores.threads, rules),
        hostname,
        stores.threads,
        own=given.own_networks,
        refuse_listed=given.listed == "refuse",
        greylist=stores.greylist if given.greylist else None,
        tally=tally,
        policies=stores.directory.origins,
    )
