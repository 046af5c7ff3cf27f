# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver spam report|not-spam|undo`: what the buttons of a mail program do."""

from __future__ import annotations

import argparse
from functools import partial

from ikserver.app.filtering import filtering
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.belonging import mailbox_of
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_json
from ikserver.cli.refusal import Refused
from ikserver.cli.verb import Subparsers, add_verb, settings
from ikserver.model.ids import Uid
from ikserver.model.spam import Receipt
from ikserver.spam.reporting import NotPossible, Reporting


def register(group: Subparsers) -> None:
    """Add the verbs."""
    report = add_verb(
        group,
        "report",
        run=on_stores(partial(_say, True)),
        help="say that messages are spam: they move, their senders are blocked, the filter learns",
        example="ikserver spam report alice@example.org 17 18",
        json=True,
    )
    not_spam = add_verb(
        group,
        "not-spam",
        run=on_stores(partial(_say, False)),
        help="say that messages are no spam: the contrary of a report",
        example="ikserver spam not-spam alice@example.org 3",
        json=True,
    )
    for verb, folder in ((report, "the inbox"), (not_spam, "the spam folder")):
        verb.add_argument("address", type=arguments.own_address)
        verb.add_argument("uid", type=arguments.count, nargs="+", help="the UID in the folder")
        verb.add_argument("--mailbox", metavar="FOLDER", help=f"the folder (default: {folder})")
    undo = add_verb(
        group,
        "undo",
        run=on_stores(_undo),
        help="undo a report or its contrary, once",
        example="ikserver spam undo alice@example.org 5",
    )
    undo.add_argument("address", type=arguments.own_address)
    undo.add_argument("number", type=arguments.count, help="the number that the report printed")


async def _say(spam: bool, stores: Stores, args: argparse.Namespace) -> None:
    account = await mailbox_of(stores.directory, args.address)
    reporting = _reporting(stores, args)
    say = reporting.report if spam else reporting.not_spam
    try:
        receipt = await say(account, args.mailbox, [Uid(uid) for uid in args.uid])
    except NotPossible as error:
        raise Refused(str(error)) from error
    _show(receipt, args)


async def _undo(stores: Stores, args: argparse.Namespace) -> None:
    account = await mailbox_of(stores.directory, args.address)
    try:
        await _reporting(stores, args).undo(account, args.number)
    except NotPossible as error:
        raise Refused(str(error)) from error


def _reporting(stores: Stores, args: argparse.Namespace) -> Reporting:
    return filtering(settings(args), stores).reporting


def _show(receipt: Receipt, args: argparse.Namespace) -> None:
    senders = [line.pattern for line in receipt.added]
    if args.json:
        told = {"number": receipt.number, "folder": receipt.target, "uids": [one.uid for one in receipt.messages]}
        show_json(told | {"listed": senders})
        return
    print(f"{len(receipt.messages)} moved to {receipt.target}; listed: {', '.join(senders) or 'nobody'}")
    print(f"To undo this: ikserver spam undo {args.address} {receipt.number}")
