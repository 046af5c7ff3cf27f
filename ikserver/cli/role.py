# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver role …`: what a person is in an organisation, and what they may do with an address."""

from __future__ import annotations

import argparse

from ikserver.accounts.people import detach
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.belonging import meant_organisation
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_rows
from ikserver.cli.verb import Subparsers, add_group, add_verb
from ikserver.model.account import Right, Role
from ikserver.store.api.directory import Directory


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "role", "roles in organisations and rights on addresses")
    _register_roles(group)
    _register_rights(group)
    add_verb(group, "list", run=on_stores(_list), help="list roles and rights", example="ikserver role list", json=True)


def _register_roles(group: Subparsers) -> None:
    grant = add_verb(
        group,
        "grant",
        run=on_stores(_grant),
        help="give a person a role in an organisation",
        example="ikserver role grant ann administrator",
    )
    withdraw = add_verb(
        group,
        "withdraw",
        run=on_stores(_withdraw),
        help="end a person's role in an organisation",
        example="ikserver role withdraw ann",
    )
    for verb in (grant, withdraw):
        verb.add_argument("login", type=arguments.login, help="the person")
        verb.add_argument("--org", metavar="NAME", help="the organisation (needed when there are several)")
    grant.add_argument("role", type=arguments.role, help=f"one of {', '.join(role.value for role in Role)}")


def _register_rights(group: Subparsers) -> None:
    attach = add_verb(
        group,
        "attach",
        run=on_stores(_attach),
        help="attach a person to an address, or change their rights on it",
        example="ikserver role attach ann alice@example.org --rights device,filters",
    )
    remove = add_verb(
        group,
        "detach",
        run=on_stores(_detach),
        help="detach a person from an address, with the device passwords made for them",
        example="ikserver role detach ann alice@example.org",
    )
    for verb in (attach, remove):
        verb.add_argument("login", type=arguments.login, help="the person")
        verb.add_argument("address", type=arguments.own_address)
    known = ", ".join(right.value for right in Right)
    attach.add_argument(
        "--rights", type=arguments.rights, help=f"all, none or some of {known} (default: those of the organisation)"
    )


async def _grant(stores: Stores, args: argparse.Namespace) -> None:
    person = await stores.directory.people.find(args.login)
    organisation = await meant_organisation(stores.directory, args.org)
    await stores.directory.people.grant(person.id, organisation.id, args.role)


async def _withdraw(stores: Stores, args: argparse.Namespace) -> None:
    person = await stores.directory.people.find(args.login)
    organisation = await meant_organisation(stores.directory, args.org)
    await stores.directory.people.withdraw(person.id, organisation.id)


async def _attach(stores: Stores, args: argparse.Namespace) -> None:
    person = await stores.directory.people.find(args.login)
    account = await stores.directory.accounts.find(args.address)
    rights = args.rights
    if rights is None:
        rights = (await stores.directory.organisations.of_account(account.id)).rights
    await stores.directory.people.attach(person.id, account.id, rights)


async def _detach(stores: Stores, args: argparse.Namespace) -> None:
    person = await stores.directory.people.find(args.login)
    account = await stores.directory.accounts.find(args.address)
    await detach(stores.directory, stores.changes, person.id, account.id)


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    rows = [*await _roles(stores.directory), *await _attachments(stores.directory)]
    show_rows(rows, ("login", "on", "may"), as_json=args.json)


async def _roles(directory: Directory) -> list[dict[str, str]]:
    logins = {person.id: person.login for person in await directory.people.list()}
    organisations = {organisation.id: organisation.name for organisation in await directory.organisations.list()}
    return [
        {"login": logins[m.person], "on": organisations[m.organisation], "may": m.role.value}
        for m in await directory.people.memberships()
    ]


async def _attachments(directory: Directory) -> list[dict[str, str]]:
    logins = {person.id: person.login for person in await directory.people.list()}
    addresses = {account.id: account.address for account in await directory.accounts.list()}
    return [
        {"login": logins[a.person], "on": addresses[a.account], "may": arguments.shown_rights(a.rights)}
        for a in await directory.people.attachments()
    ]
