# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver org …`: the organisations that domains and people belong to."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from ikserver.app.stores import Stores
from ikserver.cli import arguments, limit, strangers
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_rows
from ikserver.cli.verb import Subparsers, add_group, add_verb
from ikserver.languages import LANGUAGES
from ikserver.model.account import Domain, Organisation


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "org", "the organisations on this server")
    add = add_verb(
        group,
        "add",
        run=on_stores(_add),
        help="add an organisation",
        example='ikserver org add "Example Ltd" --quota 20G',
    )
    change = add_verb(
        group,
        "change",
        run=on_stores(_change),
        help="change an organisation; addresses that exist keep what they have",
        example='ikserver org change "Example Ltd" --rights aliases,device,filters',
    )
    add_verb(group, "list", run=on_stores(_list), help="list the organisations", example="ikserver org list", json=True)
    remove = add_verb(
        group,
        "remove",
        run=on_stores(_remove),
        help="remove an organisation that has no domains",
        example='ikserver org remove "Example Ltd"',
    )
    limit.register_for_org(group)
    strangers.register(group)
    for verb in (add, change, remove):
        verb.add_argument("name", type=arguments.name)
    change.add_argument("--rename", type=arguments.name, metavar="NAME", help="its new name")
    for verb in (add, change):
        _add_options(verb)


def _add_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--quota", type=arguments.quota, metavar="SIZE", help="room of a new address, or none")
    verb.add_argument("--rights", type=arguments.rights, help="rights on a new address: all, none or a,b,c")
    verb.add_argument(
        "--max-targets", type=arguments.count, metavar="N", help="how many targets a redirection may have"
    )
    verb.add_argument("--retention-days", type=arguments.count, metavar="N", help="how far back its activity log goes")
    verb.add_argument(
        "--max-redirections",
        type=arguments.count,
        metavar="N",
        help="how many addresses without a mailbox it may have",
    )
    verb.add_argument("--language", choices=LANGUAGES, help="of what is written in its name")


async def _add(stores: Stores, args: argparse.Namespace) -> None:
    added = await stores.directory.organisations.add(args.name)
    await stores.directory.organisations.change(_changed(added, args))


async def _change(stores: Stores, args: argparse.Namespace) -> None:
    organisation = await stores.directory.organisations.find(args.name)
    renamed = replace(organisation, name=args.rename or organisation.name)
    await stores.directory.organisations.change(_changed(renamed, args))


def _changed(organisation: Organisation, args: argparse.Namespace) -> Organisation:
    return replace(
        organisation,
        rights=organisation.rights if args.rights is None else args.rights,
        quota=organisation.quota if args.quota is None else args.quota,
        max_targets=organisation.max_targets if args.max_targets is None else args.max_targets,
        retention_days=organisation.retention_days if args.retention_days is None else args.retention_days,
        max_redirections=organisation.max_redirections if args.max_redirections is None else args.max_redirections,
        language=organisation.language if args.language is None else args.language,
    )


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    domains = await stores.directory.domains.list()
    rows = [
        {
            "name": organisation.name,
            "domains": _domains(organisation, domains) if args.json else " ".join(_domains(organisation, domains)),
            "quota": organisation.quota if args.json else arguments.shown_quota(organisation.quota),
            "max_targets": organisation.max_targets,
            "retention_days": organisation.retention_days,
            "max_redirections": organisation.max_redirections,
            "language": organisation.language,
            "rights": arguments.shown_rights(organisation.rights),
        }
        for organisation in await stores.directory.organisations.list()
    ]
    columns = ("name", "domains", "quota", "max_targets", "retention_days", "max_redirections", "language", "rights")
    show_rows(rows, columns, as_json=args.json)


def _domains(organisation: Organisation, domains: Sequence[Domain]) -> list[str]:
    return [domain.name for domain in domains if domain.organisation == organisation.id]


async def _remove(stores: Stores, args: argparse.Namespace) -> None:
    organisation = await stores.directory.organisations.find(args.name)
    await stores.directory.organisations.remove(organisation.id)
