# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs of `ikserver spam`."""

from __future__ import annotations

from ikserver.cli.spam import external, filters, reports, senders
from ikserver.cli.verb import Subparsers, add_group


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "spam", "the spam filter, the lists of senders, and reports")
    filters.register(group)
    senders.register(group)
    reports.register(group)
    external.register(group)
