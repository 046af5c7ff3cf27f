# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver domain …`: the domains that mail is taken for."""

from __future__ import annotations

import argparse
import asyncio

from ikserver.accounts.names import shown
from ikserver.app.records import domain_keys
from ikserver.app.stores import Stores
from ikserver.cli import arguments, domain_dns
from ikserver.cli.belonging import meant_organisation
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import complain, show_rows
from ikserver.cli.verb import Subparsers, add_group, add_verb, settings
from ikserver.model.account import Organisation
from ikserver.store.api.directory import Directory
from protocols.smtp.mtasts import Mode


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "domain", "the domains that mail is taken for")
    add = add_verb(
        group, "add", run=on_stores(_add), help="take mail for a domain", example="ikserver domain add example.org"
    )
    catchall = add_verb(
        group,
        "catchall",
        run=on_stores(_catchall),
        help="let mail for unknown addresses go to the mailbox catchall@, or not",
        example="ikserver domain catchall example.org on",
    )
    add_verb(group, "list", run=on_stores(_list), help="list the domains", example="ikserver domain list", json=True)
    remove = add_verb(
        group,
        "remove",
        run=on_stores(_remove),
        help="take no more mail for a domain that has no addresses",
        example="ikserver domain remove example.org",
    )
    transport = add_verb(
        group,
        "mta-sts",
        run=on_stores(_mta_sts),
        help="say whether others must use TLS to send to a domain; publish what `domain dns` then prints",
        example="ikserver domain mta-sts example.org enforce",
    )
    for verb in (add, catchall, transport, remove):
        verb.add_argument("domain", type=arguments.domain)
    transport.add_argument("mode", choices=[mode.value for mode in Mode])
    domain_dns.register(group)
    add.add_argument("--org", metavar="NAME", help="the organisation (the first domain makes one of its name)")
    catchall.add_argument("switch", choices=("on", "off"))


async def _add(stores: Stores, args: argparse.Namespace) -> None:
    organisation = await _organisation(stores.directory, args)
    await stores.directory.domains.add(args.domain, organisation.id)
    await asyncio.to_thread(domain_keys(settings(args)).ensure, args.domain)
    if await stores.directory.addresses.caretaker(args.domain) is None:
        complain(f"note: nobody reads postmaster@{args.domain} and abuse@{args.domain} before there is an account")


async def _organisation(directory: Directory, args: argparse.Namespace) -> Organisation:
    if args.org is None and not await directory.organisations.list():
        return await directory.organisations.add(args.domain)
    return await meant_organisation(directory, args.org)


async def _catchall(stores: Stores, args: argparse.Namespace) -> None:
    domain = await stores.directory.domains.find(args.domain)
    await stores.directory.domains.set_catchall(domain.id, args.switch == "on")
    if args.switch == "on" and await stores.directory.addresses.resolve(f"catchall@{domain.name}") is None:
        complain(f"note: it takes effect with the mailbox: ikserver account add catchall@{domain.name}")


async def _mta_sts(stores: Stores, args: argparse.Namespace) -> None:
    domain = await stores.directory.domains.find(args.domain)
    await stores.directory.domains.set_mta_sts(domain.id, Mode(args.mode))


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    directory = stores.directory
    organisations = {organisation.id: organisation.name for organisation in await directory.organisations.list()}
    accounts = await directory.accounts.list()
    rows = []
    for domain in await directory.domains.list():
        caretaker = await directory.addresses.resolve(f"postmaster@{domain.name}")
        caretaker = caretaker or await directory.addresses.caretaker(domain.name)
        rows.append(
            {
                "domain": domain.name if args.json else shown(f"@{domain.name}")[1:],
                "organisation": organisations[domain.organisation],
                "accounts": sum(account.domain == domain.id and account.mailbox for account in accounts),
                "catchall": domain.catchall if args.json else ("off", "on")[domain.catchall],
                "mta_sts": domain.mta_sts.value,
                "postmaster": caretaker.address if caretaker else None,
            }
        )
    show_rows(rows, ("domain", "organisation", "accounts", "catchall", "mta_sts", "postmaster"), as_json=args.json)


async def _remove(stores: Stores, args: argparse.Namespace) -> None:
    domain = await stores.directory.domains.find(args.domain)
    await stores.directory.domains.remove(domain.id)
    await asyncio.to_thread(domain_keys(settings(args)).forget, domain.name)
