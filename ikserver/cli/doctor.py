# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver doctor`: is this server well? `ikserver doctor domain`: is this domain set up right?"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.output import show_json
from ikserver.cli.verb import Subparsers, add_verb, settings, with_stores

if TYPE_CHECKING:
    from ikserver.app.doctor import Finding

MARKS = {"ok": "ok     ", "warning": "warning", "fault": "FAULT  "}


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    doctor = add_verb(
        subparsers,
        "doctor",
        run=_server,
        help="look the server over: permissions, certificate, ports, databases, bodies; exits with 1 on a fault",
        example="ikserver doctor --config /etc/ikserver/ikserver.toml",
        json=True,
    )
    domain = add_verb(
        doctor.add_subparsers(dest="doctor_verb", metavar="domain"),
        "domain",
        run=_domain,
        help="look at a domain as others see it: MX, SPF, DKIM, DMARC, TLS, reverse names; exits with 1 on a fault",
        example="ikserver doctor domain example.org",
        json=True,
    )
    domain.add_argument("domain", type=arguments.domain)


def _server(args: argparse.Namespace) -> int:
    # Only the verbs that are a server wait for what a server imports.
    from ikserver.app.doctor import examine

    return asyncio.run(_show(examine(settings(args)), as_json=args.json))


def _domain(args: argparse.Namespace) -> int:
    from ikserver.app.diagnosis import examine_domain

    async def work(stores: Stores) -> int:
        return await _show(examine_domain(settings(args), stores, args.domain), as_json=args.json)

    return with_stores(args, work)


async def _show(findings: AsyncIterator[Finding], *, as_json: bool) -> int:
    """Each as it is found; the exit code."""
    found = []
    async for finding in findings:
        found.append(finding)
        if not as_json:
            print(f"{MARKS[finding.level.value]}  {finding.area:<12} {finding.text}", flush=True)
            if cure := _cure(finding):
                print(f"{'':<21} publish: {cure}", flush=True)
    if as_json:
        show_json([_row(finding) for finding in found])
    return int(any(finding.level.value == "fault" for finding in found))


def _row(finding: Finding) -> dict[str, object]:
    row: dict[str, object] = {"area": finding.area, "level": finding.level.value, "text": finding.text}
    return row | ({"publish": _cure(finding)} if finding.record else {})


def _cure(finding: Finding) -> str | None:
    """The record that would mend it."""
    return None if finding.record is None or finding.level.value == "ok" else finding.record.line()
