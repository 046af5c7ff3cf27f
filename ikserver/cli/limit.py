# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver account limit` and `ikserver org limit`: to how many recipients they may write in 24 hours."""

from __future__ import annotations

import argparse
from dataclasses import replace

from ikserver.app.allowance import allowance
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_json, show_rows
from ikserver.cli.verb import Subparsers, add_verb, settings
from ikserver.outbound.allowance import Gauge

HELP = "a number, none or usual (as the settings say)"


def register_for_account(group: Subparsers) -> None:
    """Add `account limit`."""
    verb = add_verb(
        group,
        "limit",
        run=on_stores(_account),
        help="show how much of its limit of recipients in 24 hours an address has used, or change the limit",
        example="ikserver account limit alice@example.org 500",
        json=True,
    )
    verb.add_argument("address", type=arguments.own_address)
    verb.add_argument("limit", type=arguments.limit, nargs="?", help=HELP)


def register_for_org(group: Subparsers) -> None:
    """Add `org limit`."""
    verb = add_verb(
        group,
        "limit",
        run=on_stores(_organisation),
        help="show how much of its limit of recipients in 24 hours an organisation has used, or change the limit",
        example='ikserver org limit "Example Ltd" 5000 --each 500',
        json=True,
    )
    verb.add_argument("name", type=arguments.name)
    verb.add_argument("limit", type=arguments.limit, nargs="?", help=f"of all its addresses together: {HELP}")
    verb.add_argument("--each", type=arguments.limit, metavar="LIMIT", help="of each address without one of its own")


async def _account(stores: Stores, args: argparse.Namespace) -> None:
    account = await stores.directory.accounts.find(args.address)
    if args.limit is not None:
        await stores.directory.accounts.set_daily_recipients(account.id, arguments.chosen(args.limit))
    gauge = await allowance(settings(args), stores).of_account(account.id)
    _show(args, {"address": account.address}, gauge)


async def _organisation(stores: Stores, args: argparse.Namespace) -> None:
    organisation = await stores.directory.organisations.find(args.name)
    if args.limit is not None:
        organisation = replace(organisation, daily_recipients=arguments.chosen(args.limit))
    if args.each is not None:
        organisation = replace(organisation, daily_recipients_each=arguments.chosen(args.each))
    await stores.directory.organisations.change(organisation)
    gauge = await allowance(settings(args), stores).of_organisation(organisation)
    each = organisation.daily_recipients_each
    usual = settings(args).smtp.daily_recipients
    _show(args, {"name": organisation.name}, gauge, {"each": usual if each is None else each})


def _show(args: argparse.Namespace, whose: dict[str, object], gauge: Gauge, more: dict[str, int] | None = None) -> None:
    limits = {"limit": gauge.limit, **(more or {})}
    if args.json:
        show_json({**whose, "used": gauge.used, **limits})
        return
    shown = {name: limit or "none" for name, limit in limits.items()}
    show_rows([{**whose, "used": gauge.used, **shown}], [*whose, "used", *shown], as_json=False)
