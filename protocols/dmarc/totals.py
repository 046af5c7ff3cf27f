# SPDX-License-Identifier: GPL-3.0-or-later
"""Aggregate reports summed up: who sends in the name of a domain, and how it fares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from protocols.dmarc.record import Policy
from protocols.dmarc.report import Report


@dataclass(frozen=True, slots=True)
class Total:
    """All messages of one domain from one address."""

    domain: str
    source: str
    messages: int
    passed: int
    quarantined: int
    rejected: int

    @property
    def failed(self) -> int:
        return self.messages - self.passed


def totals(reports: Iterable[Report]) -> list[Total]:
    """Those with the most failures first. A report that comes twice counts once."""
    counts: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for report in {(report.organisation, report.id): report for report in reports}.values():
        for row in report.rows:
            count = counts[report.domain, row.source]
            count[0] += row.count
            count[1] += row.count * row.passed
            count[2] += row.count * (row.disposition is Policy.QUARANTINE)
            count[3] += row.count * (row.disposition is Policy.REJECT)
    found = [Total(domain, source, *count) for (domain, source), count in counts.items()]
    return sorted(found, key=lambda total: (-total.failed, -total.messages, total.domain, total.source))
