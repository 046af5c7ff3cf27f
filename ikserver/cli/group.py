# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver group …`: distribution groups, addresses whose mail goes to several."""

from __future__ import annotations

import argparse

from ikserver.accounts.groups import check_members, with_members
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import complain, show_rows
from ikserver.cli.refusal import Refused
from ikserver.cli.verb import Subparsers, add_group, add_verb
from ikserver.model.account import Group


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "group", "addresses whose mail goes to several others")
    add = add_verb(
        group,
        "add",
        run=on_stores(_add),
        help="add a group",
        example="ikserver group add team@example.org alice@example.org bob@example.org",
    )
    change = add_verb(
        group,
        "change",
        run=on_stores(_change),
        help="add members to a group or take some out",
        example="ikserver group change team@example.org --join carol@example.org --leave bob@example.org",
    )
    add_verb(group, "list", run=on_stores(_list), help="list the groups", example="ikserver group list", json=True)
    remove = add_verb(
        group, "remove", run=on_stores(_remove), help="remove a group", example="ikserver group remove team@example.org"
    )
    for verb in (add, change, remove):
        verb.add_argument("group", type=arguments.own_address)
    add.add_argument("members", type=arguments.any_address, nargs="+", metavar="MEMBER")
    for option, text in (("--join", "add this one; may be said again"), ("--leave", "take this one out; likewise")):
        change.add_argument(
            option, type=arguments.any_address, action="append", default=[], metavar="MEMBER", help=text
        )


async def _add(stores: Stores, args: argparse.Namespace) -> None:
    await check_members(stores.directory, args.members)
    await stores.directory.addresses.add_group(args.group, args.members)


async def _change(stores: Stores, args: argparse.Namespace) -> None:
    if not args.join and not args.leave:
        raise Refused("nothing to change: say --join MEMBER or --leave MEMBER")
    group = await stores.directory.addresses.resolve(args.group)
    if not isinstance(group, Group):
        raise Refused(f"there is no group {args.group}")
    await check_members(stores.directory, args.join)
    members = with_members(group.members, args.join, args.leave)
    await stores.directory.addresses.set_members(args.group, members)
    if not members:
        complain(f"note: {group.address} has no members now: mail for it is refused")


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    rows = [
        {"group": group.address, "members": list(group.members) if args.json else " ".join(group.members)}
        for group in await stores.directory.addresses.groups()
    ]
    show_rows(rows, ("group", "members"), as_json=args.json)


async def _remove(stores: Stores, args: argparse.Namespace) -> None:
    await stores.directory.addresses.remove_group(args.group)
