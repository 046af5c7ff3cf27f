# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver redirect …`: send the mail of an address on to others."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ikserver.accounts.redirection import redirect
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_rows
from ikserver.cli.refusal import Refused
from ikserver.cli.verb import Subparsers, add_group, add_verb, settings
from ikserver.model.account import Account, Consent, Invitation

if TYPE_CHECKING:
    from ikserver.accounts.acceptance import Acceptances


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "redirect", "mail of an address that goes on to others")
    _register_changes(group)
    add_verb(
        group, "list", run=on_stores(_list), help="list the redirections", example="ikserver redirect list", json=True
    )
    end = add_verb(
        group,
        "end",
        run=on_stores(_end),
        help="let the mail of an address stay with it again",
        example="ikserver redirect end alice@example.org",
    )
    remove = add_verb(
        group,
        "remove",
        run=on_stores(_remove),
        help="remove an address without a mailbox",
        example="ikserver redirect remove info@example.org",
    )
    for verb in (end, remove):
        verb.add_argument("address", type=arguments.own_address)


def _register_changes(group: Subparsers) -> None:
    add = add_verb(
        group,
        "add",
        run=on_stores(_add),
        help="add an address without a mailbox; who gets its mail elsewhere is asked to accept that first",
        example="ikserver redirect add info@example.org alice@example.net",
    )
    start = add_verb(
        group,
        "set",
        run=on_stores(_set),
        help="redirect the mail of an address, in place of what was set before",
        example="ikserver redirect set alice@example.org alice@example.net --keep",
    )
    invite = add_verb(
        group,
        "invite",
        run=on_stores(_invite),
        help="ask again who has not answered, or has refused, with a new link",
        example="ikserver redirect invite info@example.org alice@example.net",
    )
    for verb in (add, start, invite):
        verb.add_argument("address", type=arguments.own_address)
    for verb in (add, start):
        verb.add_argument("targets", type=arguments.any_address, nargs="+", metavar="TARGET")
    invite.add_argument("target", type=arguments.any_address)
    start.add_argument("--keep", action="store_true", help="keep the mail in the mailbox as well")


async def _add(stores: Stores, args: argparse.Namespace) -> None:
    await _acceptances(stores, args).add(args.address, args.targets)


async def _set(stores: Stores, args: argparse.Namespace) -> None:
    account = await stores.directory.accounts.find(args.address)
    if account.mailbox:
        await redirect(stores.directory, account, args.targets, args.keep)
    elif args.keep:
        raise Refused(f"{account.address} has no mailbox that could keep anything")
    else:
        await _acceptances(stores, args).change(account, args.targets)


async def _invite(stores: Stores, args: argparse.Namespace) -> None:
    account = await stores.directory.accounts.find(args.address)
    await _acceptances(stores, args).invite(account, args.target)


async def _end(stores: Stores, args: argparse.Namespace) -> None:
    account = await stores.directory.accounts.find(args.address)
    if not account.mailbox:
        raise Refused(f"{account.address} has no mailbox: ikserver redirect remove {account.address}")
    await redirect(stores.directory, account, [], True)


async def _remove(stores: Stores, args: argparse.Namespace) -> None:
    account = await stores.directory.accounts.find(args.address)
    if account.mailbox:
        raise Refused(f"{account.address} has a mailbox: ikserver redirect end, or account remove")
    await stores.directory.accounts.remove(account.id)


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    rows = []
    for account in await stores.directory.accounts.list():
        asked = [] if account.mailbox else await stores.directory.invitations.of_account(account.id)
        if account.targets or not account.mailbox:
            rows.append(_row(account, asked) if args.json else _shown(account, asked))
    columns = (
        ("address", "targets", "keep", "mailbox", "asked") if args.json else ("address", "targets", "keep", "mailbox")
    )
    show_rows(rows, columns, as_json=args.json)


def _row(account: Account, asked: Sequence[Invitation]) -> dict[str, object]:
    told = [{"target": each.target, "state": _state(each), "expires": each.expires} for each in asked]
    return {**_common(account), "targets": list(account.targets), "asked": told}


def _shown(account: Account, asked: Sequence[Invitation]) -> dict[str, object]:
    others = [f"{each.target} ({_state(each)})" for each in asked if each.consent is not Consent.ACCEPTED]
    row = {name: ("no", "yes")[value] if isinstance(value, bool) else value for name, value in _common(account).items()}
    return {**row, "targets": " ".join([*account.targets, *others])}


def _common(account: Account) -> dict[str, object]:
    return {"address": account.address, "keep": account.keep, "mailbox": account.mailbox}


def _state(invitation: Invitation) -> str:
    ended = invitation.consent is Consent.WAITING and invitation.expires <= time.time()
    return "expired" if ended else invitation.consent.value


def _acceptances(stores: Stores, args: argparse.Namespace) -> Acceptances:
    # Only the verbs that write letters wait for what the languages import.
    from ikserver.app.acceptances import acceptances

    return acceptances(settings(args), stores)
