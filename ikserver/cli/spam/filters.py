# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver spam filter|status|folder`: whether and where to the filter files spam."""

from __future__ import annotations

import argparse

from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.belonging import mailbox_of
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import complain, show_rows
from ikserver.cli.verb import Subparsers, add_verb
from ikserver.model.mail import SpecialUse
from ikserver.spam.households import Households


def register(group: Subparsers) -> None:
    """Add the verbs."""
    switch = add_verb(
        group,
        "filter",
        run=on_stores(_filter),
        help="switch the filter of addresses, from the next message on",
        example="ikserver spam filter on alice@example.org bob@example.org",
    )
    switch.add_argument("state", choices=("on", "off"))
    switch.add_argument("address", type=arguments.own_address, nargs="+")
    status = add_verb(
        group,
        "status",
        run=on_stores(_status),
        help="list addresses with their filter, spam folder and what was learned",
        example="ikserver spam status alice@example.org --json",
        json=True,
    )
    status.add_argument("address", type=arguments.own_address, nargs="*", help="without one: all")
    folder = add_verb(
        group,
        "folder",
        run=on_stores(_folder),
        help="file the spam of an address into another folder",
        example="ikserver spam folder alice@example.org Junk",
    )
    folder.add_argument("address", type=arguments.own_address)
    folder.add_argument("mailbox", metavar="FOLDER")


async def _filter(stores: Stores, args: argparse.Namespace) -> None:
    accounts = [await stores.directory.accounts.find(address) for address in args.address]
    for account in accounts:
        await stores.spam.set_on(account.id, args.state == "on")


async def _status(stores: Stores, args: argparse.Namespace) -> None:
    if args.address:
        accounts = [await stores.directory.accounts.find(address) for address in args.address]
    else:
        accounts = list(await stores.directory.accounts.list())
    households = Households(stores.directory)
    rows = []
    for account in accounts:
        profile = await stores.spam.profile(await households.of(account.id))
        mailboxes = await (await stores.mail.mail(account.id)).mailboxes() if account.mailbox else []
        junk = [mailbox for mailbox in mailboxes if mailbox.special_use is SpecialUse.JUNK]
        rows.append(
            {
                "address": account.address,
                "filter": "on" if profile.on else "off",
                "folder": junk[0].name if junk else None,
                "messages": junk[0].messages if junk else 0,
                "learned_spam": profile.own_spam,
                "learned_ham": profile.own_ham,
            }
        )
    show_rows(rows, ("address", "filter", "folder", "messages", "learned_spam", "learned_ham"), as_json=args.json)


async def _folder(stores: Stores, args: argparse.Namespace) -> None:
    """SPM-11. SPM-05: a folder of other mail is warned of."""
    account = await mailbox_of(stores.directory, args.address)
    mail = await stores.mail.mail(account.id)
    mailbox = await mail.mailbox(args.mailbox)
    await mail.set_special_use(mailbox.name, SpecialUse.JUNK)
    if mailbox.messages and mailbox.special_use is not SpecialUse.JUNK:
        complain(f"the {mailbox.messages} messages in {mailbox.name} are now erased like spam, when they get old")
