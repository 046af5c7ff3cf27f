# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver rule add|list|move|on|off|remove`."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from ikserver.app.scripts import sieve_settings
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.belonging import mailbox_of
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import complain, show_json, show_rows
from ikserver.cli.rule.given import add_arguments, given
from ikserver.cli.rule.told import as_json, shown
from ikserver.cli.verb import Subparsers, add_group, add_verb, settings
from ikserver.model.account import Account
from ikserver.rules.rule import Rule
from ikserver.rules.rulebook import NAME, Rulebook

Change = Callable[[Rulebook, Account, argparse.Namespace], Awaitable[Sequence[Rule]]]


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "rule", "rules of an address that file, forward, mark and delete its mail")
    add = _verb(
        group,
        "add",
        lambda book, account, args: book.add(account, given(args), args.place),
        "add a rule for the mail that comes from now on",
        "ikserver rule add alice@example.org Invoices --if subject contains invoice --move Invoices --stop",
    )
    add_arguments(add)
    add.add_argument("--place", type=arguments.count, metavar="N", help="where it stands (default: as the last one)")
    listed = add_verb(
        group,
        "list",
        run=on_stores(_list),
        help="list the rules of an address in their order",
        example="ikserver rule list alice@example.org --json",
        json=True,
    )
    listed.add_argument("address", type=arguments.own_address)
    move = _verb(
        group,
        "move",
        lambda book, account, args: book.move(account, args.name, args.place),
        "let a rule be asked earlier or later",
        "ikserver rule move alice@example.org Invoices 1",
    )
    move.add_argument("name")
    move.add_argument("place", type=arguments.count, help="1 is the first")
    _register_one_rule(group)


def _register_one_rule(group: Subparsers) -> None:
    for name, change, help in (
        ("on", lambda book, account, args: book.switch(account, args.name, True), "ask a rule again"),
        ("off", lambda book, account, args: book.switch(account, args.name, False), "keep a rule, but do not ask it"),
        ("remove", lambda book, account, args: book.remove(account, args.name), "remove a rule"),
    ):
        verb = _verb(group, name, change, help, f"ikserver rule {name} alice@example.org Invoices")
        verb.add_argument("name")


def _verb(group: Subparsers, name: str, change: Change, help: str, example: str) -> argparse.ArgumentParser:
    verb = add_verb(group, name, run=on_stores(partial(_changed, change)), help=help, example=example, json=True)
    verb.add_argument("address", type=arguments.own_address)
    return verb


async def _changed(change: Change, stores: Stores, args: argparse.Namespace) -> None:
    account, book = await mailbox_of(stores.directory, args.address), _rulebook(stores, args)
    rules = await change(book, account, args)
    if args.json:
        _show_json(rules)
    await _warn(book, account)


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    account, book = await mailbox_of(stores.directory, args.address), _rulebook(stores, args)
    rules = await book.of(account)
    if args.json:
        _show_json(rules)
    else:
        rows = [shown(place, rule) for place, rule in enumerate(rules, 1)]
        show_rows(rows, ("place", "name", "on", "if", "then"), as_json=False)
    if rules:
        await _warn(book, account)


def _show_json(rules: Sequence[Rule]) -> None:
    show_json([as_json(place, rule) for place, rule in enumerate(rules, 1)])


async def _warn(book: Rulebook, account: Account) -> None:
    if not await book.in_force(account):
        complain(f"these rules do not run: ikserver sieve activate {account.address} {NAME}")


def _rulebook(stores: Stores, args: argparse.Namespace) -> Rulebook:
    return Rulebook(stores.directory, stores.mail, sieve_settings(settings(args)))
