# SPDX-License-Identifier: GPL-3.0-or-later
"""Time an SMTP or LMTP server on loopback, in a closed loop.

Each connection sends its next message after the answer to the last: messages a second, and how long one message
takes from MAIL to the last answer. 1 KB and 10 KB; 1, 8 and 64 connections; the best of a few rounds, for what
disturbs a round makes it slower, never faster. The recipients' mailboxes fill up.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

from bench.figures import Figures, quantile

from .client import Sender
from .mails import mail

SIZES = {"1KB": 1_000, "10KB": 10_000}
CONNECTIONS = (1, 8, 64)


def main() -> None:
    options = _options()
    figures = Figures()
    for name, size in SIZES.items():
        for connections in CONNECTIONS:
            loads = [asyncio.run(_load(options, size, connections)) for _ in range(options.rounds)]
            figures.record(f"{name}_{connections}conn", **max(loads, key=lambda load: load["per_s"]))
    if options.json:
        figures.write(options.json)


async def _load(options: argparse.Namespace, size: int, connections: int) -> dict[str, float]:
    waits: list[float] = []
    senders = [await Sender.connect(options.host, options.port, lmtp=options.lmtp) for _ in range(connections)]

    async def loop(sender: Sender, first: int, count: int) -> None:
        for number in range(first, first + count):
            recipient = options.to % (1 + number % 8) if "%d" in options.to else options.to
            start = time.perf_counter()
            await sender.send(f"s{number}@example.org", recipient, mail(size, number))
            waits.append((time.perf_counter() - start) * 1e3)

    each = max(options.messages // connections, 1)
    start = time.perf_counter()
    await asyncio.gather(*(loop(sender, index * each, each) for index, sender in enumerate(senders)))
    took = time.perf_counter() - start
    for sender in senders:
        sender.close()
    return {"per_s": len(waits) / took, "p50_ms": quantile(waits, 0.5), "p99_ms": quantile(waits, 0.99)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.smtp", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--to", required=True, help="recipient; %%d in it becomes 1..8")
    parser.add_argument("--lmtp", action="store_true")
    parser.add_argument("--messages", type=int, default=1280, help="in each round (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
