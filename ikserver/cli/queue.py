# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver queue …`: mail that waits for other servers, or for a mailbox of ours that could not be written."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime

from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_rows
from ikserver.cli.refusal import Refused
from ikserver.cli.secret import confirm
from ikserver.cli.verb import Subparsers, add_group, add_verb
from ikserver.model.mail import Body
from ikserver.store.api.queue import QueueEntry

CHUNK = 256 * 1024


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "queue", "mail that waits to be sent on or delivered")
    add_verb(
        group, "list", run=on_stores(_list), help="list what waits", example="ikserver queue list --json", json=True
    )
    show = add_verb(
        group, "show", run=on_stores(_show), help="print a message that waits", example="ikserver queue show 7"
    )
    drop = add_verb(
        group,
        "drop",
        run=on_stores(_drop),
        help="give up an entry: nobody is told",
        example="ikserver queue drop 7 --yes",
    )
    for verb in (show, drop):
        verb.add_argument("id", type=arguments.count, help="the number in `queue list`")
    drop.add_argument("--yes", action="store_true", help="do not ask")


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    rows = [_row(entry, args.json) for entry in await stores.queue.entries()]
    columns = ("id", "queued", "sender", "recipient", "size", "attempts", "next_attempt", "last_error")
    show_rows(rows, columns, as_json=args.json)


def _row(entry: QueueEntry, exact: bool) -> dict[str, object]:
    return {
        "id": entry.id,
        "queued": _time(entry.queued),
        "sender": entry.sender if exact else f"<{entry.sender}>",
        "recipient": entry.recipient,
        "size": entry.size if exact else arguments.shown_size(entry.size),
        "attempts": entry.attempts,
        "next_attempt": None if entry.next_attempt is None else _time(entry.next_attempt),
        "last_error": entry.last_error,
    }


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


async def _show(stores: Stores, args: argparse.Namespace) -> None:
    entry = _entry(await stores.queue.entries(), args.id)
    _print(await stores.queue.body(entry.message))


def _print(body: Body) -> None:
    sys.stdout.flush()
    if isinstance(body, bytes):
        sys.stdout.buffer.write(body)
        return
    with body.path.open("rb") as file:
        while chunk := file.read(CHUNK):
            sys.stdout.buffer.write(chunk)


async def _drop(stores: Stores, args: argparse.Namespace) -> None:
    entry = _entry(await stores.queue.entries(), args.id)
    confirm(args, f"Drop the message from <{entry.sender}> to {entry.recipient}?")
    await stores.queue.done(entry.id)


def _entry(entries: Sequence[QueueEntry], number: int) -> QueueEntry:
    for entry in entries:
        if entry.id == number:
            return entry
    raise Refused(f"there is no entry {number} in the queue")
