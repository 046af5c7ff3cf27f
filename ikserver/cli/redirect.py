# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver redirect …`: send the mail of an address on to others."""

from __future__ import annotations

import argparse

from ikserver.accounts.redirection import redirect
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_rows
from ikserver.cli.verb import Subparsers, add_group, add_verb


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "redirect", "mail of an address that goes on to others")
    start = add_verb(
        group,
        "set",
        run=on_stores(_set),
        help="redirect the mail of an address, in place of what was set before",
        example="ikserver redirect set alice@example.org alice@example.net --keep",
    )
    add_verb(
        group, "list", run=on_stores(_list), help="list the redirections", example="ikserver redirect list", json=True
    )
    end = add_verb(
        group,
        "end",
        run=on_stores(_end),
        help="let the mail of an address stay with it again",
        example="ikserver redirect end alice@example.org",
    )
    for verb in (start, end):
        verb.add_argument("address", type=arguments.own_address)
    start.add_argument("targets", type=arguments.any_address, nargs="+", metavar="TARGET")
    start.add_argument("--keep", action="store_true", help="keep the mail in the mailbox as well")


async def _set(stores: Stores, args: argparse.Namespace) -> None:
    account = await stores.directory.accounts.find(args.address)
    await redirect(stores.directory, account, args.targets, args.keep)


async def _end(stores: Stores, args: argparse.Namespace) -> None:
    account = await stores.directory.accounts.find(args.address)
    await redirect(stores.directory, account, [], True)


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    rows = [
        {
            "address": account.address,
            "targets": list(account.targets) if args.json else " ".join(account.targets),
            "keep": account.keep if args.json else ("no", "yes")[account.keep],
        }
        for account in await stores.directory.accounts.list()
        if account.targets
    ]
    show_rows(rows, ("address", "targets", "keep"), as_json=args.json)
