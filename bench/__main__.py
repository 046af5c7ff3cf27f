# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a peer and ours through the same load in turns, and print how far ahead ours is, with what we promise.

    bench/run smtp                      all figures of deliveries
    bench/run outbound --quick          see whether it works here; the figures mean nothing
    bench/run all                       everything, one after the other, and bench/results/performance.md

Figures are medians of the rounds; `ahead` is the median of the rounds' ratios, `rounds` the lowest and the highest.
The exit code is 1 when a figure is behind its bar, 2 when something is not installed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .comparison import Row, compare, missed
from .files import save, save_page
from .runs import Plan, Run
from .runs.activity import activity
from .runs.imap import imap
from .runs.outbound import outbound
from .runs.smtp import smtp
from .table import table

RESULTS = Path(__file__).parent / "results"
PATH = "/usr/sbin:/usr/bin"
QUICK = 20
BUSY = 0.5


@dataclass(frozen=True, slots=True)
class Kind:
    """A run, how much it measures with (`what` says of what), and the programs that it starts."""

    run: Run
    messages: int
    what: str
    programs: Sequence[str] = ()


KINDS = {
    "imap": Kind(imap, 20_000, "in the mailbox", ("dovecot", "doveadm")),
    "smtp": Kind(smtp, 1_280, "of each load", ("dovecot", "doveadm", "postfix")),
    "outbound": Kind(outbound, 3_000, "in the queue", ("postfix", "postqueue", "postconf", "smtp-sink")),
    "activity": Kind(activity, 1_000_000, "events of the log"),
}


def main() -> int:
    options = _options()
    if options.kind == "dav":
        print("bench: DAV comes with a later issue; there is nothing of ours to time yet", file=sys.stderr)
        return 2
    kinds = [*KINDS] if options.kind == "all" else [options.kind]
    wanted = {program for kind in kinds for program in KINDS[kind].programs}
    if missing := sorted(program for program in wanted if not shutil.which(program, path=PATH)):
        print(f"bench: not installed: {', '.join(missing)} (see tests/debian.txt)", file=sys.stderr)
        return 2
    if (load := os.getloadavg()[0]) > BUSY:
        # Turns help against spells; a peer of many processes still gets more of a machine that others use.
        print(f"bench: this machine is busy (load {load:.1f}): the figures will be unfair to ours", file=sys.stderr)
    # Told to end, it still stops the servers that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rows = {kind: _run(kind, options) for kind in kinds}
    if options.kind == "all" and options.results:
        print(f"\nAll tables: {save_page(options.results, rows)}")
    if behind := [name for each in rows.values() for name in missed(each)]:
        print(f"\nBehind: {', '.join(behind)}")
    return int(bool(behind) and not options.quick)


def _run(name: str, options: argparse.Namespace) -> Sequence[Row]:
    kind = KINDS[name]
    with tempfile.TemporaryDirectory(prefix="ikserver-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # the peers drop their rights and still need their way in
        messages = options.messages or kind.messages // (QUICK if options.quick else 1)
        rounds = 1 if options.quick else options.rounds
        sides = kind.run(Plan(folder, messages, rounds, options.generator, options.only_peer))
    if options.results:
        save(options.results, name, sides)
    rows = list(compare(sides.get("ours", ()), sides.get("peer", ())))
    if rows:
        print("", *table(rows), sep="\n")
    return rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=[*KINDS, "dav", "all"])
    defaults = ", ".join(f"{name}: {kind.messages} {kind.what}" for name, kind in KINDS.items())
    parser.add_argument("--messages", type=int, help=f"how much to measure with ({defaults})")
    parser.add_argument("--rounds", type=int, default=3, help="(default %(default)s)")
    parser.add_argument("--quick", action="store_true", help=f"one round of 1/{QUICK} of that; nothing is kept")
    parser.add_argument("--generator", type=Path, help="a folder with another bench.py, for imap or smtp")
    parser.add_argument("--only-peer", action="store_true", help="leave ours out")
    parser.add_argument("--results", type=Path, help="where to keep the figures (default: bench/results)")
    options = parser.parse_args()
    if options.generator and options.kind not in ("imap", "smtp"):
        parser.error("--generator goes with imap or smtp")
    if options.messages and options.kind == "all":
        parser.error("--messages goes with one run: they count different things")
    options.results = options.results or (None if options.quick else RESULTS)
    return options


if __name__ == "__main__":
    sys.exit(main())
