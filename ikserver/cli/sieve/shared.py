# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver sieve share|shared|unshare`: the scripts that an organisation runs around those of its addresses."""

from __future__ import annotations

import argparse

from ikserver.app.stores import Stores
from ikserver.cli.belonging import meant_organisation
from ikserver.cli.on_stores import Work, on_stores
from ikserver.cli.output import show_rows
from ikserver.cli.sieve.checking import checked, content_of, shared_by
from ikserver.cli.verb import Subparsers, add_verb, settings
from ikserver.model.scripts import Moment


def register(group: Subparsers) -> None:
    """Add the verbs."""
    share = _verb(
        group,
        "share",
        _share,
        "store a script of an organisation, which runs for all its addresses",
        "ikserver sieve share first.sieve --name first --moment before",
    )
    share.add_argument("file", help="the script; - for standard input")
    share.add_argument("--name", required=True, help="what it is called; those of one moment run in this order")
    share.add_argument(
        "--moment",
        choices=[moment.value for moment in Moment],
        required=True,
        help="before or after the script of the address, or only where a script includes it",
    )
    _verb(group, "shared", _shared, "list the scripts of an organisation", "ikserver sieve shared --json", json=True)
    unshare = _verb(group, "unshare", _unshare, "remove a script of an organisation", "ikserver sieve unshare first")
    unshare.add_argument("name")


def _verb(
    group: Subparsers, name: str, work: Work, help: str, example: str, *, json: bool = False
) -> argparse.ArgumentParser:
    verb = add_verb(group, name, run=on_stores(work), help=help, example=example, json=json)
    verb.add_argument("--org", metavar="NAME", help="the organisation, when there are several")
    return verb


async def _share(stores: Stores, args: argparse.Namespace) -> None:
    organisation = await meant_organisation(stores.directory, args.org)
    content = content_of(args.file)
    checked(args.name, content, await shared_by(stores, organisation.id), settings(args))
    await stores.global_scripts.put(organisation.id, args.name, content, Moment(args.moment))


async def _shared(stores: Stores, args: argparse.Namespace) -> None:
    organisation = await meant_organisation(stores.directory, args.org)
    scripts = await stores.global_scripts.of(organisation.id)
    rows = [{"name": one.name, "moment": one.moment.value, "size": len(one.content)} for one in scripts]
    show_rows(rows, ("name", "moment", "size"), as_json=args.json)


async def _unshare(stores: Stores, args: argparse.Namespace) -> None:
    organisation = await meant_organisation(stores.directory, args.org)
    await stores.global_scripts.delete(organisation.id, args.name)
