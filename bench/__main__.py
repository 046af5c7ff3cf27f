# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a peer and ours through the same load in one go, and print how far ahead ours is, with what we promise."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from . import runs
from .table import table

RESULTS = Path(__file__).parent / "results"
KINDS = {"imap": runs.imap, "smtp": runs.smtp}
PEERS = {"imap": ["dovecot", "doveadm"], "smtp": ["dovecot", "doveadm", "postfix"]}
PATH = "/usr/sbin:/usr/bin"


def main() -> int:
    options = _options()
    if options.kind == "dav":
        print("bench: DAV comes with a later issue; there is nothing of ours to time yet", file=sys.stderr)
        return 2
    if missing := [program for program in PEERS[options.kind] if not shutil.which(program, path=PATH)]:
        print(f"bench: not installed: {', '.join(missing)} (see tests/debian.txt)", file=sys.stderr)
        return 2
    # Told to end, it still stops the servers that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="ikserver-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the peers drop their rights and still need their way in
        sides = KINDS[options.kind](runs.Plan(folder, options.messages, options.generator, options.only_peer))
    runs.save(RESULTS, options.kind, sides)
    if "ours" in sides:
        print("", *table(sides["ours"], sides["peer"]), sep="\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("kind", choices=["imap", "smtp", "dav"])
    parser.add_argument("--messages", type=int, default=20_000, help="in the large mailbox (default %(default)s)")
    parser.add_argument("--generator", type=Path, help="a folder with another bench.py of the same options")
    parser.add_argument("--only-peer", action="store_true", help="leave ours out")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
