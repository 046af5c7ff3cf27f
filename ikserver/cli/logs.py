# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver logs …`: what became of each message. Whoever looks is noted, the operator too."""

from __future__ import annotations

import argparse
import getpass
import os
import sys

from ikserver.accounts.names import canonical
from ikserver.activity.reading import Reading
from ikserver.activity.retention import Retention
from ikserver.activity.table import COLUMNS, as_csv, details, row, shown_time
from ikserver.activity.trail import told
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import complain, show_json, show_rows
from ikserver.cli.refusal import Refused
from ikserver.cli.verb import Subparsers, add_group, add_verb, settings
from ikserver.model.account import Account
from ikserver.model.activity import Event, Status, Wanted

PAGE = 500
ALL = sys.maxsize


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "logs", "what became of each message")
    search = add_verb(
        group,
        "search",
        run=on_stores(_search),
        help="list what was sent and received, the newest first",
        example="ikserver logs search --address alice@example.org --from 2026-11-24 --status rejected",
    )
    _add_search_options(search)
    trace = add_verb(
        group,
        "trace",
        run=on_stores(_trace),
        help="tell everything that happened to a message",
        example="ikserver logs trace '<1234@example.org>'",
        json=True,
    )
    trace.add_argument("message", metavar="MESSAGE-ID", help="its Message-ID, or the id in the answer that accepted it")
    looks = add_verb(
        group,
        "looks",
        run=on_stores(_looks),
        help="list who looked into the logs, the latest first",
        example="ikserver logs looks",
        json=True,
    )
    for verb in (search, looks):
        verb.add_argument(
            "--limit", type=arguments.count, default=100, metavar="N", help="how many at most (100); 0 for all"
        )


def _add_search_options(search: argparse.ArgumentParser) -> None:
    whose = search.add_mutually_exclusive_group()
    whose.add_argument("--address", type=canonical, help="only the log of this address of ours, or of what it is for")
    whose.add_argument("--organisation", type=arguments.name, metavar="NAME", help="only the logs of its addresses")
    search.add_argument("--direction", type=arguments.direction, help="sent or received")
    search.add_argument("--from", dest="since", type=arguments.begins, metavar="TIME", help="a day, minute or second")
    search.add_argument("--to", dest="until", type=arguments.ends, metavar="TIME", help="and the last one")
    search.add_argument("--status", type=arguments.status, help=", ".join(status.value for status in Status))
    search.add_argument("--correspondent", type=canonical, metavar="ADDRESS", help="with whom")
    search.add_argument("--message-id", metavar="ID", help="only this message")
    form = search.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="print CSV, for spreadsheets")
    form.add_argument("--json", action="store_true", help="print JSON with everything that is known, for scripts")


async def _search(stores: Stores, args: argparse.Namespace) -> None:
    wanted = Wanted(
        await _log_of(stores, args.address),
        args.direction,
        args.since,
        args.until,
        args.status,
        args.correspondent,
        args.message_id,
        () if args.organisation is None else await _domains(stores, args.organisation),
    )
    events, more = await _found(_reading(stores, args), wanted, args.limit or ALL)
    if args.json:
        show_json([details(event) for event in events])
    elif args.csv:
        sys.stdout.write(as_csv(map(row, events)))
    else:
        show_rows([_shown(event) for event in events], COLUMNS, as_json=False)
    if more:
        complain(f"note: there are more than {args.limit}: say --limit N, or a shorter period")


async def _domains(stores: Stores, organisation: str) -> tuple[str, ...]:
    number = (await stores.directory.organisations.find(organisation)).id
    domains = [domain.name for domain in await stores.directory.domains.list() if domain.organisation == number]
    if not domains:
        raise Refused(f"{organisation} has no domains")
    return tuple(domains)


async def _found(reading: Reading, wanted: Wanted, limit: int) -> tuple[list[Event], bool]:
    """The newest events, and whether there are more."""
    page = await reading.search(wanted, min(PAGE, limit))
    events = list(page.events)
    while page.next is not None and len(events) < limit:
        page = await reading.search(wanted, min(PAGE, limit - len(events)), page.next)
        events += page.events
    return events, page.next is not None


async def _log_of(stores: Stores, address: str | None) -> str | None:
    """Mail for an alias is in the log of its account."""
    target = None if address is None else await stores.directory.addresses.resolve(address)
    return target.address if isinstance(target, Account) else address


def _shown(event: Event) -> dict[str, object]:
    cells = row(event)
    return cells | {"size": arguments.shown_size(event.size) if event.size else None}


async def _trace(stores: Stores, args: argparse.Namespace) -> None:
    events = await _reading(stores, args).trail(args.message)
    if args.json:
        show_json([details(event) for event in events])
    elif not events:
        raise Refused(f"nothing is known of {args.message}: it never came here, or too long ago")
    else:
        print("\n".join(told(events)))


async def _looks(stores: Stores, args: argparse.Namespace) -> None:
    looks = await stores.activity.looks(args.limit or ALL)
    rows = [{"time": shown_time(look.time), "who": look.who, "what": look.what} for look in looks]
    show_rows(rows, ("time", "who", "what"), as_json=args.json)


def _reading(stores: Stores, args: argparse.Namespace) -> Reading:
    retention = Retention(stores.activity, stores.directory, settings(args).activity.retention_days)
    return Reading(stores.activity, retention, f"operator {os.environ.get('SUDO_USER') or getpass.getuser()}")
