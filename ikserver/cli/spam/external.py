# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver spam external|mentions`: mail from outside an organisation is marked when it is shown (EXT-01)."""

from __future__ import annotations

import argparse

from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.belonging import mailbox_of
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_rows
from ikserver.cli.verb import Subparsers, add_verb
from ikserver.model.ids import BodyId
from ikserver.spam.external import Mentions
from ikserver.spam.households import Households
from protocols.message import brief

START = 65_536


def register(group: Subparsers) -> None:
    """Add the verbs."""
    switch = add_verb(
        group,
        "external",
        run=on_stores(_external),
        help="mark mail from outside of an organisation, or not, when it is shown",
        example="ikserver spam external on Example",
    )
    switch.add_argument("state", choices=("on", "off"))
    switch.add_argument("organisation", type=arguments.name)
    show = add_verb(
        group,
        "mentions",
        run=on_stores(_mentions),
        help="list the newest messages of a folder and which of them are marked as external",
        example="ikserver spam mentions alice@example.org --json",
        json=True,
    )
    show.add_argument("address", type=arguments.own_address)
    show.add_argument("--mailbox", metavar="FOLDER", default="INBOX", help="the folder (default: INBOX)")
    show.add_argument("--limit", type=arguments.count, default=20, metavar="N", help="how many at most (20)")


async def _external(stores: Stores, args: argparse.Namespace) -> None:
    organisation = await stores.directory.organisations.find(args.organisation)
    await stores.spam.set_mentions(organisation.id, args.state == "on")


async def _mentions(stores: Stores, args: argparse.Namespace) -> None:
    account = await mailbox_of(stores.directory, args.address)
    household = await Households(stores.directory).of(account.id)
    mentions = Mentions(stores.directory, stores.spam)
    mail = await stores.mail.mail(account.id)
    opened = await mail.open(args.mailbox)
    newest = list(zip(opened.columns.uids, opened.columns.bodies, strict=True))[::-1][: args.limit]
    opened.close()
    rows = []
    for uid, body in newest:
        told = brief(await mail.read(BodyId(body), 0, START))
        external = await mentions.is_external(household, told.author)
        mark = external if args.json else "external" if external else ""
        rows.append({"uid": uid, "from": told.author, "subject": told.subject, "external": mark})
    show_rows(rows, ("uid", "from", "subject", "external"), as_json=args.json)
