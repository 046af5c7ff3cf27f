# SPDX-License-Identifier: GPL-3.0-or-later
"""Time an IMAP server on loopback. The accounts are written to: use throw-away ones.

Milliseconds are the fastest of fifteen runs. With --groups only some loads run, so that the server can be restarted
between them; the group `cold` is one read, named by --cold, timed once.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.figures import Figures

from . import changes, idle, mixed, reads
from .connection import Target
from .mails import mails

GROUPS = ("write", "warm", "change", "idle", "mixed")


def main() -> None:
    options = _options()
    target = Target(options.host, options.port, options.tls_port, options.user, options.password)
    figures = Figures()
    if "write" in options.groups:
        mixed.sign_in(target, figures)
        changes.append(target, _small()[:100], figures)
        changes.fill(target.connect(), options.mailbox, list(mails(options.messages)), figures)
    if "cold" in options.groups:
        reads.cold(target.connect(), options.mailbox, options.cold, figures)
    if "warm" in options.groups:
        reads.warm(target.connect(), options.mailbox, figures)
    if "change" in options.groups:
        changes.change(target.connect(), options.mailbox, min(2000, options.messages // 4), figures)
    if "idle" in options.groups:
        idle.news(target, _small()[0], figures)
        if options.pids:
            idle.cost(target, options.idle, options.pids, figures, tls=False)
        if options.pids and options.tls_port:
            idle.cost(target, options.idle, options.pids, figures, tls=True)
    if "mixed" in options.groups:
        mixed.mixed(target, _small(), figures)
    if options.json:
        figures.write(options.json)


def _small() -> list[bytes]:
    return [mail for mail in mails(400, seed=11) if len(mail) < 20_000]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.imap", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls-port", type=int, default=0, help="IMAPS port, for the cost of idle TLS connections")
    parser.add_argument("--user", required=True, help="account; %%d in it becomes 1..8")
    parser.add_argument("--password", required=True)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--mailbox", default="Bench", help="created by the group `write` (default %(default)s)")
    parser.add_argument("--idle", type=int, default=300, help="idle connections to weigh (default %(default)s)")
    parser.add_argument("--pids", type=_numbers, default=[], help="the server's processes, for its memory")
    parser.add_argument("--groups", type=lambda text: text.split(","), default=GROUPS, help=",".join(GROUPS))
    parser.add_argument("--cold", choices=["select", *reads.READS], default="select")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",") if number]


if __name__ == "__main__":
    main()
