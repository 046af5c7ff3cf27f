# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rules hold for a message: those of the settings, or what the organisations of its recipients want."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ikserver.accounts.names import canonical_domain
from ikserver.model.authentication import Authenticated, Disposition, OriginPolicy
from ikserver.model.ids import OrganisationId
from ikserver.store.api.directory import OriginPolicies

Zones = tuple[tuple[str, bool], ...]
"""Names of lists, each with whether it is one of good addresses."""
Wishes = Mapping[OrganisationId | None, OriginPolicy]
"""Of the organisations that get a message; None are all those that want what is usual. That comes first."""
USUAL: Wishes = {None: OriginPolicy()}


@dataclass(frozen=True, slots=True)
class Rules:
    """`dmarc` is the most that is done when a domain asks for something to be done.

    `sealers`: domains whose ARC seals are trusted. `bad_lists` and `good_lists` are zones (RFC 5782).
    """

    dmarc: Disposition = Disposition.REJECT
    sealers: frozenset[str] = frozenset()
    bad_lists: tuple[str, ...] = ()
    good_lists: tuple[str, ...] = ()

    def wished(self, policy: OriginPolicy) -> Rules:
        """These rules as an organisation wants them."""
        return replace(
            self,
            dmarc=self.dmarc if policy.dmarc is None else policy.dmarc,
            bad_lists=self.bad_lists if policy.bad_lists is None else policy.bad_lists,
            good_lists=self.good_lists if policy.good_lists is None else policy.good_lists,
        )

    @property
    def zones(self) -> Zones:
        """All lists that are asked."""
        return *((zone, False) for zone in self.bad_lists), *((zone, True) for zone in self.good_lists)


Ruling = Mapping[OrganisationId | None, Rules]
"""The rules that follow from wishes, in the same order."""


async def wishes_of(policies: OriginPolicies, recipients: Sequence[str]) -> Wishes:
    """What the organisations of these addresses want."""
    own = await policies.by_domain()
    if not own:
        return USUAL
    domains = {canonical_domain(recipient.rpartition("@")[2]) for recipient in recipients}
    found: dict[OrganisationId | None, OriginPolicy] = {} if domains <= own.keys() else dict(USUAL)
    found.update(own[domain] for domain in domains if domain in own)
    return found


def zones_of(rules: Iterable[Rules]) -> Zones:
    """Each list once."""
    return tuple(dict.fromkeys(zone for one in rules for zone in one.zones))


def seen(found: Authenticated, rules: Ruling) -> Authenticated:
    """What follows from the results by the first rules; and, where there are several, by each of them."""
    views = tuple((whose, _applied(found, one)) for whose, one in rules.items())
    return views[0][1] if len(views) == 1 else replace(views[0][1], views=views)


def _applied(found: Authenticated, rules: Rules) -> Authenticated:
    """Only the lists that these rules name count."""
    listed = tuple(one for one in found.listed if one.zone in (rules.good_lists if one.good else rules.bad_lists))
    return replace(found, listed=listed, disposition=_disposition(found, rules))


def _disposition(found: Authenticated, rules: Rules) -> Disposition:
    if found.arc.trusted:
        # RFC 8617, 7.2.1: a list that we trust has seen that the author was authentic.
        return Disposition.NONE
    asked, most = found.dmarc.asked, rules.dmarc
    return most if asked is Disposition.REJECT or most is Disposition.NONE else asked
