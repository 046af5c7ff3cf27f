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
    return spf_aligned(author, passed, record, organisational) or dkim_aligned(author, passed, record, organisational)


def spf_aligned(author: str, passed: Passed, record: Record | None, organisational: Organisational) -> bool:
    """RFC 7489, 3.1.2."""
    strict = record is not None and record.strict_spf
    return bool(passed.spf) and _same(author, passed.spf, organisational, strict=strict)


def dkim_aligned(author: str, passed: Passed, record: Record | None, organisational: Organisational) -> bool:
    """RFC 7489, 3.1.1."""
    strict = record is not None and record.strict_dkim
    return any(_same(author, domain, organisational, strict=strict) for domain in passed.dkim)


def _same(author: str, domain: str, organisational: Organisational, *, strict: bool) -> bool:
    return author == domain or (not strict and organisational(author) == organisational(domain))


def wanted(record: Record, *, subdomain: bool, exists: bool = True) -> Policy:
    """What the record says of a message that failed.

    `subdomain`: it is the organisation's and the author's domain is below it; `exists`: the author's domain has an
    address or takes mail.
    """
    if not subdomain:
        return record.policy
    return record.subdomains if exists or record.nonexistent is None else record.nonexistent


def sampled(policy: Policy, record: Record, draw: int) -> Policy:
    """What applies to this message: pct= spares some. `draw` is a random number from 0 to 99 (RFC 7489, 6.6.4)."""
    return policy if draw < record.percent else _NEXT_LOWER[policy]
