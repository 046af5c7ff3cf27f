# SPDX-License-Identifier: GPL-3.0-or-later
"""Alignment and the policy that applies (RFC 7489, 3.1 and 6.6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from protocols.dmarc.record import Policy, Record

Organisational = Callable[[str], str]
"""RFC 7489, 3.2: the domain of the organisation that a domain belongs to."""

_NEXT_LOWER = {
    Policy.REJECT: Policy.QUARANTINE,
    Policy.QUARANTINE: Policy.NONE,
    Policy.NONE: Policy.NONE,
}


@dataclass(frozen=True, slots=True)
class Passed:
    """The domains that are proven: of MAIL FROM by SPF ("" when it did not pass), of signatures by DKIM. Lower case."""

    spf: str
    dkim: Sequence[str]


def aligned(author: str, passed: Passed, record: Record | None, organisational: Organisational) -> bool:
    """One of the proven domains is the author's, or of the same organisation where `record` is not strict."""
    strict_spf = record is not None and record.strict_spf
    strict_dkim = record is not None and record.strict_dkim
    if passed.spf and _same(author, passed.spf, organisational, strict=strict_spf):
        return True
    return any(_same(author, domain, organisational, strict=strict_dkim) for domain in passed.dkim)


def _same(author: str, domain: str, organisational: Organisational, *, strict: bool) -> bool:
    return author == domain or (not strict and organisational(author) == organisational(domain))


def wanted(record: Record, *, subdomain: bool, draw: int) -> Policy:
    """What is to be done with a message that failed. `draw` is a random number from 0 to 99 (RFC 7489, 6.6.4).

    `subdomain`: the record is the organisation's and the author's domain is below it.
    """
    policy = record.subdomains if subdomain else record.policy
    return policy if draw < record.percent else _NEXT_LOWER[policy]
