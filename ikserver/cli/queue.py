# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver queue …`: mail that waits for other servers, or for a mailbox of ours that could not be written."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import datetime

from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.on_stores import Work, on_stores
from ikserver.cli.output import show_json, show_rows
from ikserver.cli.refusal import Refused
from ikserver.cli.secret import confirm
from ikserver.cli.verb import Subparsers, add_group, add_verb
from ikserver.model.activity import Answer, Status
from ikserver.model.mail import Body
from ikserver.store.api.queue import QueueEntry

CHUNK = 256 * 1024
COLUMNS = (
    "id",
    "queued",
    "sender",
    "recipient",
    "size",
    "state",
    "held_until",
    "attempts",
    "next_attempt",
    "last_error",
)
ID = "the number in `queue list`"


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "queue", "mail that waits to be sent on or delivered")
    add_verb(
        group, "list", run=on_stores(_list), help="list what waits", example="ikserver queue list --json", json=True
    )
    show = add_verb(
        group,
        "show",
        run=on_stores(_show),
        help="print a message that waits",
        example="ikserver queue show 7",
        json=True,
    )
    show.add_argument("id", type=arguments.count, help=ID)
    _on_entries(group, "retry", _retry, "try entries again at once, also held ones and those that were given up")
    _on_entries(group, "hold", _hold, "keep entries until they are released")
    _on_entries(group, "release", _retry, "let held entries go: they are tried at once")
    drop = _on_entries(group, "drop", _drop, "give up entries: nobody is told")
    drop.add_argument("--yes", action="store_true", help="do not ask")
    _on_domain(group, "pause", _pause, "send nothing to a domain until it is resumed")
    _on_domain(group, "resume", _resume, "send to a domain again")


def _on_entries(group: Subparsers, name: str, work: Work, help: str) -> argparse.ArgumentParser:
    verb = add_verb(group, name, run=on_stores(work), help=help, example=f"ikserver queue {name} 7 8", json=True)
    verb.add_argument("id", type=arguments.count, nargs="+", help=ID)
    return verb


def _on_domain(group: Subparsers, name: str, work: Work, help: str) -> None:
    example = f"ikserver queue {name} example.org"
    verb = add_verb(group, name, run=on_stores(work), help=help, example=example, json=True)
    verb.add_argument("domain", type=arguments.domain, help="the part of the recipients' addresses behind the @")


async def _list(stores: Stores, args: argparse.Namespace) -> None:
    rows = [_row(entry, args.json) for entry in await stores.queue.entries()]
    show_rows(rows, COLUMNS, as_json=args.json)
    paused = await stores.queue.paused()
    if paused and not args.json:
        print(f"Paused: {', '.join(paused)}")


def _row(entry: QueueEntry, exact: bool) -> dict[str, object]:
    return {
        "id": entry.id,
        "queued": _time(entry.queued),
        "sender": entry.sender if exact else f"<{entry.sender}>",
        "recipient": entry.recipient,
        "size": entry.size if exact else arguments.shown_size(entry.size),
        "state": entry.state.value,
        "held_until": _time(entry.released) if _goes_later(entry) else None,
        "attempts": entry.attempts,
        "next_attempt": None if entry.next_attempt is None else _time(entry.next_attempt),
        "last_error": entry.last_error,
    }


def _goes_later(entry: QueueEntry) -> bool:
    """Its sender wanted that, and its time has not come (RFC 4865, 4.2)."""
    return entry.next_attempt == entry.released > entry.queued and entry.attempts == 0


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


async def _show(stores: Stores, args: argparse.Namespace) -> None:
    entry = await _entry(stores, args.id)
    chunks = _chunks(await stores.queue.body(entry.message))
    if args.json:
        show_json({**_row(entry, True), "content": b"".join(chunks).decode(errors="replace")})
        return
    sys.stdout.flush()
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)


def _chunks(body: Body) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    with body.path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


async def _retry(stores: Stores, args: argparse.Namespace) -> None:
    for entry in await _entries(stores, args.id):
        await stores.queue.retry(entry.id, int(time.time()))
    await _tell(stores, args)


async def _hold(stores: Stores, args: argparse.Namespace) -> None:
    for entry in await _entries(stores, args.id):
        await stores.queue.hold(entry.id)
    await _tell(stores, args)


async def _drop(stores: Stores, args: argparse.Namespace) -> None:
    entries = await _entries(stores, args.id)
    for entry in entries:
        confirm(args, f"Drop the message from <{entry.sender}> to {entry.recipient}?")
        event = await stores.queue.event(entry.id)
        dropped = Answer(text="The operator dropped it from the queue")
        now = int(time.time() * 1000)
        events = () if event is None else (event.then(Status.DISCARDED, now, dropped, entry.attempts),)
        await stores.queue.settle([entry.id], events=events)
    if args.json:
        show_json([_row(entry, True) for entry in entries])


async def _tell(stores: Stores, args: argparse.Namespace) -> None:
    """For scripts: what the entries are now."""
    if args.json:
        show_json([_row(entry, True) for entry in await _entries(stores, args.id)])


async def _pause(stores: Stores, args: argparse.Namespace) -> None:
    await stores.queue.pause(args.domain)
    await _tell_paused(stores, args)


async def _resume(stores: Stores, args: argparse.Namespace) -> None:
    await stores.queue.resume(args.domain)
    await _tell_paused(stores, args)


async def _tell_paused(stores: Stores, args: argparse.Namespace) -> None:
    if args.json:
        show_json({"paused": list(await stores.queue.paused())})


async def _entries(stores: Stores, numbers: list[int]) -> list[QueueEntry]:
    """All of them before anything is done to one."""
    return [await _entry(stores, number) for number in numbers]


async def _entry(stores: Stores, number: int) -> QueueEntry:
    try:
        return await stores.queue.entry(number)
    except KeyError:
        raise Refused(f"there is no entry {number} in the queue") from None
