# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether others have to use TLS when they send to a domain of ours (MTA-STS), and what DNS says of it."""

from __future__ import annotations

import hashlib

from ikserver.model.account import Domain
from protocols.smtp.mtasts import Mode, Policy, render_policy

HOST_PREFIX = "mta-sts."
"""Before the domain, the name of the host that has its policy (RFC 8461, 3.3)."""
DAY = 86_400
ENFORCED_DAYS = 28
"""Others trust it for weeks, so that nobody can take it away by answering no question (RFC 8461, 10.2)."""


def policy_of(domain: Domain, hostname: str) -> Policy:
    """What others are told: that mail of the domain comes to `hostname`."""
    age = ENFORCED_DAYS if domain.mta_sts is Mode.ENFORCE else 1
    return Policy(domain.mta_sts, () if domain.mta_sts is Mode.NONE else (hostname,), age * DAY)


def policy_number(policy: Policy) -> str:
    """The id in the TXT record: another one for another policy (RFC 8461, 3.1)."""
    return hashlib.sha256(render_policy(policy)).hexdigest()[:20]
