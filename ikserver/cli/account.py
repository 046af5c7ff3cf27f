# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver account …`: the mailbox addresses, from their making to their end."""

from __future__ import annotations

import argparse
from functools import partial

from ikserver.accounts.lifecycle import Allowance, add_account, remove_account, set_password, set_state
from ikserver.accounts.names import shown
from ikserver.activity.journal import Journal
from ikserver.app.stores import Stores
from ikserver.cli import arguments, device_password, limit
from ikserver.cli.belonging import mailbox_of
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_json, show_rows
from ikserver.cli.secret import add_password_option, chosen_password, confirm, hashing
from ikserver.cli.verb import Subparsers, add_group, add_verb, settings
from ikserver.model.account import Account, State

STATES = {"enable": State.ACTIVE, "disable": State.DISABLED, "suspend": State.SUSPENDED}


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "account", "the mailbox addresses")
    add = add_verb(
        group,
        "add",
        run=on_stores(_add),
        help="add an address with a mailbox; prints the password unless it was given",
        example="ikserver account add alice@example.org --name Alice --quota 20G",
        json=True,
    )
    password = add_verb(
        group,
        "password",
        run=on_stores(_password),
        help="give an address another password, which ends its sessions",
        example="ikserver account password alice@example.org --password-stdin < secret",
        json=True,
    )
    quota = _register_quota(group)
    changes = [add, password, quota, *_register_states(group), _register_remove(group)]
    for verb in changes:
        verb.add_argument("address", type=arguments.own_address)
    quota.add_argument("quota", type=arguments.quota, metavar="SIZE", help="such as 50G, or none")
    for verb in (add, password):
        add_password_option(verb)
    add.add_argument("--name", type=arguments.full_name, default="", help="the name shown with the address")
    add.add_argument("--quota", type=arguments.quota, metavar="SIZE", help="room for mail, or none")
    add.add_argument("--max-messages", type=arguments.count, metavar="N", help="how many messages it may keep")
    _register_list(group)
    limit.register_for_account(group)
    device_password.register(group)


def _register_list(group: Subparsers) -> None:
    verb = add_verb(
        group,
        "list",
        run=on_stores(_list),
        help="list the addresses, their states and what they keep",
        example="ikserver account list --domain example.org --json",
        json=True,
    )
    verb.add_argument("--domain", type=arguments.domain, help="only those of one domain")


def _register_quota(group: Subparsers) -> argparse.ArgumentParser:
    verb = add_verb(
        group,
        "quota",
        run=on_stores(_quota),
        help="change how much an address may keep",
        example="ikserver account quota alice@example.org 50G",
    )
    verb.add_argument("--max-messages", type=arguments.count, metavar="N", help="how many messages it may keep")
    return verb


def _register_states(group: Subparsers) -> list[argparse.ArgumentParser]:
    texts = {
        "enable": "let an address be used again",
        "disable": "take no mail for an address and let nobody in",
        "suspend": "as disable, by the operator: an organisation cannot enable it again",
    }
    return [
        add_verb(
            group,
            name,
            run=on_stores(partial(_set_state, STATES[name])),
            help=text,
            example=f"ikserver account {name} alice@example.org",
        )
        for name, text in texts.items()
    ]


def _register_remove(group: Subparsers) -> argparse.ArgumentParser:
    verb = add_verb(
        group,
        "remove",
        run=on_stores(_remove),
        help="remove an address and erase its mail",
        example="ikserver account remove alice@example.org --yes",
    )
    verb.add_argument("--yes", action="store_true", help="do not ask")
    return verb


async def _add(stores: Stores, args: argparse.Namespace) -> None:
    password, generated = chosen_password(args)
    usual = settings(args).mailboxes
    with hashing(args) as passwords:
        account = await add_account(
            stores.directory,
            stores.mail,
            passwords,
            args.address,
            password,
            name=args.name,
            quota=args.quota,
            max_messages=args.max_messages,
            usual=Allowance(usual.quota, usual.max_messages),
        )
    _show(args, account, password if generated else None)


async def _password(stores: Stores, args: argparse.Namespace) -> None:
    account = await stores.directory.accounts.find(args.address)
    password, generated = chosen_password(args)
    with hashing(args) as passwords:
        await set_password(stores.directory, passwords, stores.changes, account.address, password)
    _show(args, account, password if generated else None)


def _show(args: argparse.Namespace, account: Account, password: str | None) -> None:
    if args.json:
        show_json({"address": account.address, "id": account.id, "password": password})
    elif password is not None:
        print(password)


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    accounts = [account for account in await stores.directory.accounts.list() if account.mailbox]
    if args.domain:
        domain = await stores.directory.domains.find(args.domain)
        accounts = [account for account in accounts if account.domain == domain.id]
    rows = [await _row(stores, account, args.json) for account in accounts]
    show_rows(rows, ("address", "name", "state", "messages", "size", "quota"), as_json=args.json)


async def _row(stores: Stores, account: Account, exact: bool) -> dict[str, object]:
    usage = await (await stores.mail.mail(account.id)).usage()
    return {
        "address": account.address if exact else shown(account.address),
        "name": account.name,
        "state": account.state.value,
        "messages": usage.messages,
        "size": usage.bytes if exact else arguments.shown_size(usage.bytes),
        "quota": usage.bytes_limit if exact else arguments.shown_quota(usage.bytes_limit),
    }


async def _quota(stores: Stores, args: argparse.Namespace) -> None:
    account = await mailbox_of(stores.directory, args.address)
    mail = await stores.mail.mail(account.id)
    messages = (await mail.usage()).messages_limit if args.max_messages is None else args.max_messages or None
    await mail.set_quota(args.quota or None, messages)


async def _set_state(state: State, stores: Stores, args: argparse.Namespace) -> None:
    account = await stores.directory.accounts.find(args.address)
    await set_state(stores.directory, stores.changes, account, state)


async def _remove(stores: Stores, args: argparse.Namespace) -> None:
    account = await stores.directory.accounts.find(args.address)
    confirm(args, f"Remove {account.address} and erase its mail?")
    await Journal(stores.mail, stores.activity).carry_from([account.id])
    await remove_account(stores.directory, stores.mail, stores.changes, account)
    await stores.activity.disown(account.address)
