# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver spam senders|allow|block|unlist`: the lists of an address, or of an organisation for all its addresses."""

from __future__ import annotations

import argparse
from functools import partial

from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.on_stores import Work, on_stores
from ikserver.cli.output import show_rows
from ikserver.cli.verb import Subparsers, add_verb
from ikserver.model.ids import AccountId, OrganisationId
from ikserver.model.spam import Listed, Side
from ikserver.spam.patterns import BadPattern, pattern

OWNER = "an address of ours, or the name of an organisation"


def register(group: Subparsers) -> None:
    """Add the verbs."""
    add_verb(
        group,
        "senders",
        run=on_stores(_show),
        help="list the allowed and blocked senders of an address or organisation",
        example="ikserver spam senders alice@example.org --json",
        json=True,
    ).add_argument("owner", type=_owner_name, help=OWNER)
    _on_patterns(group, "allow", partial(_add, Side.ALLOWED), "let mail of senders in unfiltered, if it is authentic")
    _on_patterns(group, "block", partial(_add, Side.BLOCKED), "treat mail of senders as spam")
    _on_patterns(group, "unlist", _remove, "take senders off both lists")


def _on_patterns(group: Subparsers, name: str, work: Work, help: str) -> None:
    verb = add_verb(
        group, name, run=on_stores(work), help=help, example=f"ikserver spam {name} alice@example.org '*@example.net'"
    )
    verb.add_argument("owner", type=_owner_name, help=OWNER)
    verb.add_argument(
        "patterns", type=_pattern, nargs="+", metavar="PATTERN", help="an address; * and ? may stand in it"
    )


def _pattern(text: str) -> str:
    try:
        return pattern(text)
    except BadPattern as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _owner_name(text: str) -> str:
    return arguments.own_address(text) if "@" in text else arguments.name(text)


async def _owner(stores: Stores, text: str) -> tuple[AccountId | None, OrganisationId | None]:
    if "@" in text:
        return (await stores.directory.accounts.find(text)).id, None
    return None, (await stores.directory.organisations.find(text)).id


async def _show(stores: Stores, args: argparse.Namespace) -> None:
    account, organisation = await _owner(stores, args.owner)
    lines = await stores.spam.lists(account=account, organisation=organisation)
    rows = [{"list": line.side.value, "pattern": line.pattern} for line in lines]
    show_rows(rows, ("list", "pattern"), as_json=args.json)


async def _add(side: Side, stores: Stores, args: argparse.Namespace) -> None:
    account, organisation = await _owner(stores, args.owner)
    add = [Listed(side, one) for one in args.patterns]
    await stores.spam.change_lists(add, (), account=account, organisation=organisation)


async def _remove(stores: Stores, args: argparse.Namespace) -> None:
    account, organisation = await _owner(stores, args.owner)
    remove = [Listed(side, one) for one in args.patterns for side in Side]
    await stores.spam.change_lists((), remove, account=account, organisation=organisation)
