# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver sieve put|get|list|activate|delete|rename`: the scripts of one address."""

from __future__ import annotations

import argparse
import sys

from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.belonging import mailbox_of
from ikserver.cli.on_stores import Work, on_stores
from ikserver.cli.output import show_json, show_rows
from ikserver.cli.sieve.checking import checked, content_of, includable_by
from ikserver.cli.verb import Subparsers, add_verb, settings
from ikserver.store.api.scripts import Scripts

EXAMPLE = "ikserver sieve {} alice@example.org {}"


def register(group: Subparsers) -> None:
    """Add the verbs."""
    put = _verb(group, "put", _put, "store a script, if it has no errors", "main rules.sieve", json=True)
    put.add_argument("name", help="what the script is called")
    put.add_argument("file", help="the script; - for standard input")
    put.add_argument("--activate", action="store_true", help="it is the active one from now on")
    _verb(group, "get", _get, "print a script", "main", json=True).add_argument("name")
    _verb(group, "list", _list, "list the scripts of an address", "--json", json=True)
    activate = _verb(group, "activate", _activate, "choose the script that runs when mail comes, or none", "main")
    chosen = activate.add_mutually_exclusive_group(required=True)
    chosen.add_argument("name", nargs="?")
    chosen.add_argument("--none", action="store_true", help="no script runs")
    _verb(group, "delete", _delete, "remove a script that is not active", "old").add_argument("name")
    rename = _verb(group, "rename", _rename, "call a script something else", "main old")
    rename.add_argument("name")
    rename.add_argument("new")


def _verb(
    group: Subparsers, name: str, work: Work, help: str, example: str, *, json: bool = False
) -> argparse.ArgumentParser:
    verb = add_verb(group, name, run=on_stores(work), help=help, example=EXAMPLE.format(name, example), json=json)
    verb.add_argument("address", type=arguments.own_address)
    return verb


async def _scripts(stores: Stores, address: str) -> Scripts:
    return (await stores.mail.mail((await mailbox_of(stores.directory, address)).id)).scripts


async def _put(stores: Stores, args: argparse.Namespace) -> None:
    account = await mailbox_of(stores.directory, args.address)
    scripts, content = (await stores.mail.mail(account.id)).scripts, content_of(args.file)
    script = checked(args.name, content, await includable_by(stores, account), settings(args))
    await scripts.put(args.name, content)
    if args.activate:
        await scripts.activate(args.name)
    if args.json:
        warnings = [{"line": one.line, "column": one.column, "message": one.message} for one in script.warnings]
        show_json({"name": args.name, "size": len(content), "warnings": warnings})


async def _get(stores: Stores, args: argparse.Namespace) -> None:
    content = await (await _scripts(stores, args.address)).get(args.name)
    text = content.decode("utf-8", "replace")
    if args.json:
        show_json({"name": args.name, "content": text})
    else:
        sys.stdout.write(text)


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
