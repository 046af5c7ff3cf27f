# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver reports …`: who sends in the name of our domains and how TLS with us fares, as other servers report it."""

from __future__ import annotations

import argparse
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime

from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.belonging import mailbox_of
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_rows
from ikserver.cli.refusal import Refused
from ikserver.cli.verb import Subparsers, add_group, add_verb
from ikserver.model.ids import BodyId
from ikserver.store.api.errors import NoSuchMailbox
from protocols.dmarc import report as dmarc
from protocols.dmarc.totals import totals
from protocols.tlsrpt import report as tlsrpt
from protocols.tlsrpt.totals import totals as tls_totals

COLUMNS = ("domain", "source", "messages", "passed", "quarantined", "rejected")
TLS_COLUMNS = ("domain", "policy", "host", "result", "sessions")
SENT_COLUMNS = ("day", "domain", "messages", "recipients", "size", "sent", "reason")
DAY = 86_400
MAX_SIZE = 25_000_000
"""Octets of a mail: nobody sends larger reports."""


def register(subparsers: Subparsers) -> None:
    """Add the verbs."""
    group = add_group(subparsers, "reports", "what servers report of each other's mail")
    verbs = [
        add_verb(
            group,
            "dmarc",
            run=on_stores(_dmarc),
            help="sum up the DMARC reports in a mailbox, by domain and sending address, most failures first",
            example="ikserver reports dmarc dmarc@example.org --mailbox INBOX",
            json=True,
        ),
        add_verb(
            group,
            "tls",
            run=on_stores(_tls),
            help="sum up the reports in a mailbox on TLS with our servers, failures first",
            example="ikserver reports tls tls@example.org --mailbox INBOX",
            json=True,
        ),
    ]
    for verb in verbs:
        verb.add_argument("address", help="the account that the rua= of your domains names")
        verb.add_argument("--mailbox", default="INBOX", help="where its reports are (INBOX)")
    sent = add_verb(
        group,
        "sent",
        run=on_stores(_sent),
        help="list the DMARC reports that this server has sent, the newest first, and why it sent none",
        example="ikserver reports sent --days 7 --json",
        json=True,
    )
    sent.add_argument("--days", type=arguments.count, default=90, metavar="N", help="how far back (90, the most)")


async def _dmarc(stores: Stores, args: argparse.Namespace) -> None:
    found = [report async for message in _messages(stores, args) for report in dmarc.reports_in(message)]
    show_rows([asdict(total) for total in totals(found)], COLUMNS, as_json=args.json)


async def _tls(stores: Stores, args: argparse.Namespace) -> None:
    found = [report async for message in _messages(stores, args) for report in tlsrpt.reports_in(message)]
    show_rows([asdict(total) for total in tls_totals(found)], TLS_COLUMNS, as_json=args.json)


async def _messages(stores: Stores, args: argparse.Namespace) -> AsyncIterator[bytes]:
    """All of a mailbox that may be reports."""
    account = await mailbox_of(stores.directory, args.address)
    mail = await stores.mail.mail(account.id)
    try:
        opened = await mail.open(args.mailbox)
    except NoSuchMailbox as error:
        raise Refused(f"there is no mailbox {args.mailbox}") from error
    try:
        for body, size in zip(opened.columns.bodies, opened.columns.sizes, strict=True):
            if size <= MAX_SIZE:
                yield await mail.read(BodyId(body), 0, size)
    finally:
        opened.close()


async def _sent(stores: Stores, args: argparse.Namespace) -> None:
    rows = [
        {
            **asdict(report),
            "day": _date(report.day * DAY).date().isoformat(),
            "sent": _date(report.sent).isoformat(),
            "recipients": report.recipients if args.json else " ".join(report.recipients),
        }
        for report in await stores.tallies.reports(int(time.time()) // DAY - args.days)
    ]
    show_rows(rows, SENT_COLUMNS, as_json=args.json)


def _date(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
