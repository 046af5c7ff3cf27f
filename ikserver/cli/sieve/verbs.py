# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs of `ikserver sieve`."""

from __future__ import annotations

from ikserver.cli.sieve import scripts, shared, trying
from ikserver.cli.verb import Subparsers, add_group


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "sieve", "scripts that file, redirect, refuse and answer mail (Sieve)")
    scripts.register(group)
    shared.register(group)
    trying.register(group)
