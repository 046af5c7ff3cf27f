# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver doctor`: is this server well?"""

from __future__ import annotations

import argparse
import asyncio

from ikserver.cli.output import show_json
from ikserver.cli.verb import Subparsers, add_verb, settings
from ikserver.settings import Settings

MARKS = {"ok": "ok     ", "warning": "warning", "fault": "FAULT  "}


def register(subparsers: Subparsers) -> None:
    """Add the verb."""
    add_verb(
        subparsers,
        "doctor",
        run=_run,
        help="look the server over: permissions, certificate, ports, databases, bodies; exits with 1 on a fault",
        example="ikserver doctor --config /etc/ikserver/ikserver.toml",
        json=True,
    )


def _run(args: argparse.Namespace) -> int:
    return asyncio.run(_examine(settings(args), as_json=args.json))


async def _examine(chosen: Settings, *, as_json: bool) -> int:
    # Only the verbs that are a server wait for what a server imports.
    from ikserver.app.doctor import Level, examine

    found = []
    async for finding in examine(chosen):
        found.append(finding)
        if not as_json:
            print(f"{MARKS[finding.level.value]}  {finding.area:<12} {finding.text}", flush=True)
    if as_json:
        show_json([{"area": f.area, "level": f.level.value, "text": f.text} for f in found])
    return int(any(finding.level is Level.FAULT for finding in found))
