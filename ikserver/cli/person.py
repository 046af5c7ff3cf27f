# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver person …`: the people who sign in to the pages."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ikserver.accounts.people import remove_person
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.belonging import meant_organisation
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_json, show_rows
from ikserver.cli.secret import add_password_option, chosen_password, confirm, hashing
from ikserver.cli.verb import Subparsers, add_group, add_verb
from ikserver.model.account import Membership, Role
from ikserver.model.ids import OrganisationId


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "person", "the people who sign in to the pages")
    add = add_verb(
        group,
        "add",
        run=on_stores(_add),
        help="add a person, as the organisation's representative if it has none",
        example='ikserver person add ann --name "Ann Smith" --role administrator',
        json=True,
    )
    password = add_verb(
        group,
        "password",
        run=on_stores(_password),
        help="give a person another password",
        example="ikserver person password ann",
        json=True,
    )
    add_verb(group, "list", run=on_stores(_list), help="list the people", example="ikserver person list", json=True)
    remove = add_verb(
        group,
        "remove",
        run=on_stores(_remove),
        help="remove a person with the device passwords made for them; addresses and mail stay",
        example="ikserver person remove ann --yes",
    )
    for verb in (add, password, remove):
        verb.add_argument("login", type=arguments.login, help="what the person signs in as")
    add.add_argument("--name", type=arguments.full_name, default="", help="the person's name")
    add.add_argument("--org", metavar="NAME", help="the organisation (needed when there are several)")
    add.add_argument("--role", type=arguments.role, help=f"one of {', '.join(role.value for role in Role)}")
    add_password_option(add)
    add_password_option(password)
    remove.add_argument("--yes", action="store_true", help="do not ask")


async def _add(stores: Stores, args: argparse.Namespace) -> None:
    directory = stores.directory
    organisation = await meant_organisation(directory, args.org)
    role = args.role or _usual_role(await directory.people.memberships(), organisation.id)
    password, generated = chosen_password(args)
    with hashing(args) as passwords:
        hashed = await passwords.hash(password)
    person = await directory.people.add(args.login, args.name)
    await directory.people.set_password(person.id, hashed)
    await directory.people.grant(person.id, organisation.id, role)
    _show(args, password if generated else None)


def _usual_role(memberships: Sequence[Membership], organisation: OrganisationId) -> Role:
    represented = any(m.organisation == organisation and m.role is Role.REPRESENTATIVE for m in memberships)
    return Role.COLLABORATOR if represented else Role.REPRESENTATIVE


async def _password(stores: Stores, args: argparse.Namespace) -> None:
    person = await stores.directory.people.find(args.login)
    password, generated = chosen_password(args)
    with hashing(args) as passwords:
        await stores.directory.people.set_password(person.id, await passwords.hash(password))
    _show(args, password if generated else None)


def _show(args: argparse.Namespace, password: str | None) -> None:
    if args.json:
        show_json({"login": args.login, "password": password})
    elif password is not None:
        print(password)


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    directory = stores.directory
    organisations = {organisation.id: organisation.name for organisation in await directory.organisations.list()}
    accounts = {account.id: account.address for account in await directory.accounts.list()}
    memberships = await directory.people.memberships()
    attachments = await directory.people.attachments()
    rows = [
        {
            "login": person.login,
            "name": person.name,
            "roles": ", ".join(
                f"{m.role.value} of {organisations[m.organisation]}" for m in memberships if m.person == person.id
            ),
            "addresses": " ".join(accounts[a.account] for a in attachments if a.person == person.id),
        }
        for person in await directory.people.list()
    ]
    show_rows(rows, ("login", "name", "roles", "addresses"), as_json=args.json)


async def _remove(stores: Stores, args: argparse.Namespace) -> None:
    directory = stores.directory
    person = await directory.people.find(args.login)
    confirm(args, f"Remove {person.login}?")
    await remove_person(directory, stores.changes, person.id)
