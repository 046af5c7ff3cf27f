# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver sieve put|get|list|activate|delete|rename`: the scripts of one address."""

from __future__ import annotations

import argparse
import sys

from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.belonging import mailbox_of
from ikserver.cli.on_stores import Work, on_stores
from ikserver.cli.output import show_rows
from ikserver.cli.sieve.checking import checked, content_of, includable_by
from ikserver.cli.verb import Subparsers, add_verb, settings
from ikserver.store.api.scripts import Scripts


def register(group: Subparsers) -> None:
    """Add the verbs."""
    put = _verb(
        group, "put", _put, "store a script, if it has no errors", "ikserver sieve put alice@example.org main a.sieve"
    )
    put.add_argument("name", help="what the script is called")
    put.add_argument("file", help="the script; - for standard input")
    put.add_argument("--activate", action="store_true", help="it is the active one from now on")
    get = _verb(group, "get", _get, "print a script", "ikserver sieve get alice@example.org main")
    get.add_argument("name")
    _verb(
        group,
        "list",
        _list,
        "list the scripts of an address",
        "ikserver sieve list alice@example.org --json",
        json=True,
    )
    activate = _verb(
        group,
        "activate",
        _activate,
        "choose the script that runs when mail comes, or none",
        "ikserver sieve activate alice@example.org main",
    )
    chosen = activate.add_mutually_exclusive_group(required=True)
    chosen.add_argument("name", nargs="?")
    chosen.add_argument("--none", action="store_true", help="no script runs")
    delete = _verb(
        group, "delete", _delete, "remove a script that is not active", "ikserver sieve delete alice@example.org old"
    )
    delete.add_argument("name")
    rename = _verb(
        group, "rename", _rename, "call a script something else", "ikserver sieve rename alice@example.org main old"
    )
    rename.add_argument("name")
    rename.add_argument("new")


def _verb(
    group: Subparsers, name: str, work: Work, help: str, example: str, *, json: bool = False
) -> argparse.ArgumentParser:
    verb = add_verb(group, name, run=on_stores(work), help=help, example=example, json=json)
    verb.add_argument("address", type=arguments.own_address)
    return verb


async def _scripts(stores: Stores, address: str) -> Scripts:
    return (await stores.mail.mail((await mailbox_of(stores.directory, address)).id)).scripts


async def _put(stores: Stores, args: argparse.Namespace) -> None:
    account = await mailbox_of(stores.directory, args.address)
    scripts, content = (await stores.mail.mail(account.id)).scripts, content_of(args.file)
    checked(args.name, content, await includable_by(stores, account), settings(args))
    await scripts.put(args.name, content)
    if args.activate:
        await scripts.activate(args.name)


async def _get(stores: Stores, args: argparse.Namespace) -> None:
    content = await (await _scripts(stores, args.address)).get(args.name)
    sys.stdout.write(content.decode("utf-8", "replace"))


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    entries = await (await _scripts(stores, args.address)).list()
    rows = [{"name": one.name, "active": one.active, "size": one.size} for one in entries]
    show_rows(rows, ("name", "active", "size"), as_json=args.json)


async def _activate(stores: Stores, args: argparse.Namespace) -> None:
    """A script that was stored by an older ikserver may have errors now."""
    account = await mailbox_of(stores.directory, args.address)
    scripts = (await stores.mail.mail(account.id)).scripts
    if args.name is not None:
        checked(args.name, await scripts.get(args.name), await includable_by(stores, account), settings(args))
    await scripts.activate(args.name)


async def _delete(stores: Stores, args: argparse.Namespace) -> None:
    await (await _scripts(stores, args.address)).delete(args.name)


async def _rename(stores: Stores, args: argparse.Namespace) -> None:
    await (await _scripts(stores, args.address)).rename(args.name, args.new)
