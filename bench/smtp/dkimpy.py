# SPDX-License-Identifier: GPL-3.0-or-later
"""How many signed messages a second dkimpy verifies in one process: the limit of a filter that is built on it.

    python -m bench.smtp.dkimpy --sign key.pem --loads 10KB_8conn

The key's record comes from memory and nothing is delivered.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import dkim

from bench.figures import Figures

from .keys import record
from .loads import LOADS
from .mails import signed


def main() -> None:
    options = _options()
    key = options.sign.read_bytes()
    text = record(key).encode()
    figures = Figures()
    for name in options.loads:
        pool = signed(LOADS[name].size, key)
        start = time.perf_counter()
        for number in range(options.messages):
            if not dkim.verify(pool[number % len(pool)], dnsfunc=lambda *_, **__: text):
                raise SystemExit("dkimpy finds a signature of its own wrong")
        figures.record(name, per_s=options.messages / (time.perf_counter() - start))
    if options.json:
        figures.write(options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.smtp.dkimpy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sign", type=Path, metavar="KEY.PEM", required=True)
    parser.add_argument("--messages", type=int, default=1280, help="to verify (default %(default)s)")
    parser.add_argument("--loads", type=lambda text: text.split(","), default=["10KB_8conn"], help="for their size")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
