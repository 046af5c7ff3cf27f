# SPDX-License-Identifier: GPL-3.0-or-later
"""Time an SMTP or LMTP server on loopback, in a closed loop.

Each connection sends its next message after the answer to the last: messages a second, and how long one message
takes from MAIL to the last answer. 1 KB and 10 KB; 1, 8 and 64 connections. The recipients' mailboxes fill up.

    python -m bench.smtp --port 2525 --to u%d@bench.test --loads 10KB_8conn
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from bench.figures import Figure, Figures, quantile

from .client import Sender
from .loads import LOADS, Load
from .mails import mail, signed


def main() -> None:
    options = _options()
    figures = Figures()
    for name in options.loads:
        figures.record(name, **asyncio.run(_send(options, LOADS[name])))
    if options.json:
        figures.write(options.json)


async def _send(options: argparse.Namespace, load: Load) -> Figure:
    waits: list[float] = []
    made = _made(load.size, options.sign)
    senders = [await Sender.connect(options.host, options.port, lmtp=options.lmtp) for _ in range(load.connections)]

    async def loop(sender: Sender, first: int, count: int) -> None:
        for number in range(first, first + count):
            recipient = options.to % (1 + number % 8) if "%d" in options.to else options.to
            message = made(number)
            start = time.perf_counter()
            await sender.send(f"s{number}@example.org", recipient, message)
            waits.append((time.perf_counter() - start) * 1e3)

    each = max(options.messages // load.connections, 1)
    start = time.perf_counter()
    await asyncio.gather(*(loop(sender, index * each, each) for index, sender in enumerate(senders)))
    took = time.perf_counter() - start
    for sender in senders:
        sender.close()
    return {"per_s": len(waits) / took, "p50_ms": quantile(waits, 0.5), "p99_ms": quantile(waits, 0.99)}


def _made(size: int, key: Path | None) -> Callable[[int], bytes]:
    """Signed messages are made before, and used again: making one takes longer than sending it."""
    if key is None:
        return lambda number: mail(size, number)
    pool = signed(size, key.read_bytes())
    return lambda number: pool[number % len(pool)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.smtp", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--to", required=True, help="recipient; %%d in it becomes 1..8")
    parser.add_argument("--lmtp", action="store_true")
    parser.add_argument("--messages", type=int, default=1280, help="of each load (default %(default)s)")
    parser.add_argument("--loads", type=lambda text: text.split(","), default=LOADS, help=",".join(LOADS))
    parser.add_argument("--sign", type=Path, metavar="KEY.PEM", help="send messages with a DKIM signature of this key")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
