# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver alias …`: further addresses of an account."""

from __future__ import annotations

import argparse

from ikserver.accounts.names import shown
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_rows
from ikserver.cli.verb import Subparsers, add_group, add_verb


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "alias", "further addresses of an account")
    add = add_verb(
        group,
        "add",
        run=on_stores(_add),
        help="let mail for one more address reach an account, which may send from it too",
        example="ikserver alias add info@example.org alice@example.org",
    )
    add_verb(group, "list", run=on_stores(_list), help="list the aliases", example="ikserver alias list", json=True)
    remove = add_verb(
        group,
        "remove",
        run=on_stores(_remove),
        help="remove an alias; the account stays",
        example="ikserver alias remove info@example.org",
    )
    for verb in (add, remove):
        verb.add_argument("alias", type=arguments.own_address)
    add.add_argument("address", type=arguments.own_address, help="the account")


async def _add(stores: Stores, args: argparse.Namespace) -> None:
    account = await stores.directory.accounts.find(args.address)
    await stores.directory.addresses.add_alias(args.alias, account.id)


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    accounts = {account.id: account.address for account in await stores.directory.accounts.list()}
    pairs = [(alias.address, accounts[alias.account]) for alias in await stores.directory.addresses.aliases()]
    rows = [
        {"alias": alias if args.json else shown(alias), "address": address if args.json else shown(address)}
        for alias, address in pairs
    ]
    show_rows(rows, ("alias", "address"), as_json=args.json)


async def _remove(stores: Stores, args: argparse.Namespace) -> None:
    await stores.directory.addresses.remove_alias(args.alias)
