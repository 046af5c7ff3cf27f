# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver account device-password …`: one password a device, so that a lost one can be shut out alone."""

from __future__ import annotations

import argparse
from datetime import datetime

from ikserver.accounts.devices import DeviceKey, add_device_password, revoke_device_password
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_json, show_rows
from ikserver.cli.refusal import Refused
from ikserver.cli.secret import hashing
from ikserver.cli.verb import Subparsers, add_verb, settings
from ikserver.model.account import Account, Scope
from ikserver.model.ids import PersonId


def register(group: Subparsers) -> None:
    """Add the verb to those of `account`."""
    verb = add_verb(
        group,
        "device-password",
        run=on_stores(_run),
        help="make a password for one device, which is printed once; or list or revoke them",
        example="ikserver account device-password alice@example.org --name phone",
        json=True,
    )
    verb.add_argument("address", type=arguments.own_address)
    what = verb.add_mutually_exclusive_group(required=True)
    what.add_argument("--name", type=arguments.name, help="make one, for the device of this name")
    what.add_argument("--list", action="store_true", help="list them")
    what.add_argument("--revoke", metavar="NAME", help="end one and its live sessions")
    verb.add_argument(
        "--scope", type=arguments.scopes, default=frozenset(Scope), metavar="mail,dav", help="what it is for (both)"
    )
    verb.add_argument("--person", metavar="LOGIN", help="whose device it is (needed when several are attached)")


async def _run(stores: Stores, args: argparse.Namespace) -> None:
    account = await stores.directory.accounts.find(args.address)
    if args.list:
        await _list(stores, account, args)
    elif args.revoke is not None:
        await revoke_device_password(stores.directory, stores.changes, account.id, args.revoke)
    else:
        await _add(stores, account, args)


async def _add(stores: Stores, account: Account, args: argparse.Namespace) -> None:
    person = await _person(stores, account, args.person)
    key = DeviceKey.load(settings(args).data / "keys")
    with hashing(args) as passwords:
        password = await add_device_password(
            stores.directory, passwords, key, account.address, args.name, person=person, scopes=args.scope
        )
    if args.json:
        show_json({"address": account.address, "name": args.name, "password": password})
    else:
        print(password)


async def _person(stores: Stores, account: Account, login: str | None) -> PersonId | None:
    """Whose device it is: the only person attached to the address; None, the operator's, when nobody is."""
    people = {person.id: person.login for person in await stores.directory.people.list()}
    attached = [a.person for a in await stores.directory.people.attachments() if a.account == account.id]
    if login is not None:
        attached = [person for person in attached if people[person] == login]
        if not attached:
            raise Refused(f"{login} is not attached to {account.address}")
    if len(attached) > 1:
        known = ", ".join(people[person] for person in attached)
        raise Refused(f"whose device? Say --person with one of: {known}")
    return attached[0] if attached else None


async def _list(stores: Stores, account: Account, args: argparse.Namespace) -> None:
    people = {person.id: person.login for person in await stores.directory.people.list()}
    rows = [
        {
            "name": device.name,
            "person": people[device.person] if device.person is not None else None,
            "scopes": ",".join(sorted(scope.value for scope in device.scopes)),
            "created": _time(device.created),
            "last_used": _time(device.last_used),
        }
        for device in await stores.directory.devices.list(account.id)
    ]
    show_rows(rows, ("name", "person", "scopes", "created", "last_used"), as_json=args.json)


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="minutes")
