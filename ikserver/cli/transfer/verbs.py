# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver import maildir|mbox …` and `ikserver export …`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.belonging import mailbox_of
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import Progress, show_json
from ikserver.cli.refusal import Refused
from ikserver.cli.transfer.exporting import Export
from ikserver.cli.transfer.found import Found
from ikserver.cli.transfer.importing import Import
from ikserver.cli.transfer.journal import Journal, journal_path
from ikserver.cli.transfer.maildir import find_in_maildir
from ikserver.cli.transfer.mbox import find_in_mbox
from ikserver.cli.verb import Subparsers, add_group, add_verb, settings

T = TypeVar("T")
Find = Callable[[Path], Iterator[Found]]


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "import", "bring in mail that another program kept")
    _register_import(
        group, "maildir", find_in_maildir, "a maildir with its folders, flags and dates", "/home/alice/Maildir"
    )
    _register_import(group, "mbox", find_in_mbox, "an mbox file, with the flags and dates that it has", "archive.mbox")
    export = add_verb(
        subparsers,
        "export",
        run=on_stores(_export),
        help="write an account's mail to a maildir; what is there already is not written again",
        example="ikserver export alice@example.org /srv/backup/alice",
        json=True,
    )
    export.add_argument("address", type=arguments.own_address)
    export.add_argument("directory", type=Path)


def _register_import(group: Subparsers, name: str, find: Find, what: str, path: str) -> None:
    verb = add_verb(
        group,
        name,
        run=on_stores(partial(_import, find)),
        help=f"import {what}; goes on where it was interrupted, and the next time brings what is new",
        example=f"ikserver import {name} alice@example.org {path} --mailbox Old",
        json=True,
    )
    verb.add_argument("address", type=arguments.own_address)
    verb.add_argument("path", type=Path)
    verb.add_argument("--mailbox", default="INBOX", help="what it is imported into (default: INBOX)")
    verb.add_argument("--again", action="store_true", help="also what an earlier import has brought in")


async def _import(find: Find, stores: Stores, args: argparse.Namespace) -> None:
    account = await mailbox_of(stores.directory, args.address)
    messages = await _refusing(_list(find, args.path))
    data = settings(args).data
    path = journal_path(data, account.id, args.path, args.mailbox)
    if args.again:
        path.unlink(missing_ok=True)
    journal = Journal(path)
    mail = await stores.mail.mail(account.id)
    try:
        with Progress(f"importing into {account.address}", len(messages)) as progress:
            run = Import(mail, journal, args.mailbox, data / "spool", progress.step)
            imported = await _refusing(run.run(messages))
    finally:
        journal.close()
    _report(args, "imported", imported, len(messages) - imported)


async def _list(find: Find, path: Path) -> list[Found]:
    found = list(find(path))
    if not found:
        raise Refused(f"there is no mail in {path}")
    return found


async def _export(stores: Stores, args: argparse.Namespace) -> None:
    account = await mailbox_of(stores.directory, args.address)
    mail = await stores.mail.mail(account.id)
    total = sum(mailbox.messages for mailbox in await mail.mailboxes())
    with Progress(f"exporting {account.address}", total) as progress:
        exported = await _refusing(Export(mail, args.directory, progress.step).run())
    _report(args, "exported", exported, total - exported)


async def _refusing(work: Coroutine[Any, Any, T]) -> T:
    """Files that cannot be read or written are the user's to mend."""
    try:
        return await work
    except OSError as error:
        raise Refused(f"{error.filename or 'the file'}: {error.strerror or error}") from error


def _report(args: argparse.Namespace, done: str, count: int, known: int) -> None:
    if args.json:
        show_json({done: count, "known": known})
    else:
        print(f"{done} {count} message{'s' * (count != 1)}" + (f", {known} were there already" if known else ""))
