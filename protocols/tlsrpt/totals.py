# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports on our servers summed up: which sessions failed, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from protocols.tlsrpt.model import Report, Summary

SUCCESS = "success"
UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Total:
    """All sessions under policies of one kind that ended alike. `host` is "" where no report names it."""

    domain: str
    policy: str
    host: str
    result: str
    sessions: int


def totals(reports: Iterable[Report]) -> list[Total]:
    """Failures first, the most frequent ones on top. A report that comes twice counts once."""
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for report in {(report.organisation, report.id): report for report in reports}.values():
        for summary in report.summaries:
            for host, result, sessions in _ends(summary):
                counts[summary.policy.domain, summary.policy.kind.value, host, result] += sessions
    found = [Total(*key, sessions) for key, sessions in counts.items() if sessions]
    return sorted(found, key=lambda total: (total.result == SUCCESS, -total.sessions, total.domain, total.host))


def _ends(summary: Summary) -> Iterator[tuple[str, str, int]]:
    """A session may fail in several ways (RFC 8460, 4), and some reports give no details."""
    yield "", SUCCESS, summary.successful
    for failure in summary.failures:
        yield failure.host.lower(), failure.result, failure.count
    if not summary.failures:
        yield "", UNEXPLAINED, summary.failed
