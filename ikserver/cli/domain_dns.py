# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver domain dns …` and `ikserver domain keys …`: what DNS should say, and the keys it tells of."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ikserver.accounts.domainkeys import CannotChangeKeys, newest
from ikserver.app.records import domain_keys, wanted_records
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_json, show_rows
from ikserver.cli.refusal import Refused
from ikserver.cli.verb import Subparsers, add_group, add_verb, settings
from protocols.dkim.privatekey import SigningKey

if TYPE_CHECKING:
    from ikserver.app.doctor import Finding


def register(group: Subparsers) -> None:
    """Add the verbs to those of domains."""
    dns = add_verb(
        group,
        "dns",
        run=on_stores(_dns),
        help="print the DNS records to publish as lines of a zone file, and which are there already",
        example="ikserver domain dns example.org",
        json=True,
    )
    keys = add_group(group, "keys", "the keys that a domain signs its mail with")
    rows = add_verb(
        keys,
        "list",
        run=on_stores(_list),
        help="list the keys",
        example="ikserver domain keys list example.org",
        json=True,
    )
    rotate = add_verb(
        keys,
        "rotate",
        run=on_stores(_rotate),
        help="make new keys; they sign as soon as DNS has their records, until then the old ones do",
        example="ikserver domain keys rotate example.org",
    )
    remove = add_verb(
        keys,
        "remove",
        run=on_stores(_remove),
        help="forget a key that has been replaced, a week after the new one began to sign",
        example="ikserver domain keys remove example.org r2026a",
    )
    for verb in (dns, rows, rotate, remove):
        verb.add_argument("domain", type=arguments.domain)
    remove.add_argument("selector", help="its name in `domain keys list`")


async def _dns(stores: Stores, args: argparse.Namespace) -> None:
    # Only the verbs that ask DNS wait for what that imports.
    from ikserver.app.diagnosis import published

    keys = await _keys(stores, args)
    chosen = settings(args)
    domain = await stores.directory.domains.find(args.domain)
    findings = await published(chosen, stores).look(wanted_records(chosen, domain, keys), keys)
    if args.json:
        show_json([_row(finding) for finding in findings])
        return
    for finding in findings:
        if finding.record is not None:
            print(f"{finding.record.line()} ; {'✓' if _agrees(finding) else '✗'} {finding.text}")


def _row(finding: Finding) -> dict[str, object]:
    record = finding.record
    assert record is not None  # noqa: S101 - each of them is about one
    about = {"name": record.name, "type": record.kind, "data": record.data}
    return {**about, "published": _agrees(finding), "found": finding.text}


def _agrees(finding: Finding) -> bool:
    return finding.level.value == "ok"


async def _keys(stores: Stores, args: argparse.Namespace) -> Sequence[SigningKey]:
    """Those of a domain of ours. One that was added before there were keys gets them now."""
    domain = await stores.directory.domains.find(args.domain)
    return await asyncio.to_thread(domain_keys(settings(args)).ensure, domain.name)


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    keys = await _keys(stores, args)
    last = newest(keys)
    rows = [{"selector": key.selector, "kind": key.kind, "newest": key in last} for key in keys]
    if not args.json:
        rows = [{**row, "newest": "yes" if row["newest"] else "no"} for row in rows]
    show_rows(rows, ("selector", "kind", "newest"), as_json=args.json)


async def _rotate(stores: Stores, args: argparse.Namespace) -> None:
    await _keys(stores, args)
    try:
        made = await asyncio.to_thread(domain_keys(settings(args)).rotate, args.domain)
    except CannotChangeKeys as error:
        raise Refused(str(error)) from error
    domain = await stores.directory.domains.find(args.domain)
    for record in wanted_records(settings(args), domain, made).dkim:
        print(record.line())


async def _remove(stores: Stores, args: argparse.Namespace) -> None:
    await _keys(stores, args)
    try:
        await asyncio.to_thread(domain_keys(settings(args)).remove, args.domain, args.selector)
    except CannotChangeKeys as error:
        raise Refused(str(error)) from error
