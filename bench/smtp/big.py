# SPDX-License-Identifier: GPL-3.0-or-later
"""One big message: what memory it costs the server, and how long it makes another client wait.

A process of its own sends 50 MB by SMTP; this one pings with IMAP NOOP all the while, and looks at the memory.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path

from bench.figures import Figures, quantile, seconds
from bench.imap.connection import Connection, Target
from bench.memory import anonymous

from .client import Sender
from .mails import mail

CALM_SECONDS = 2


def main() -> None:
    options = _options()
    figures = Figures()
    connection = Target(options.host, options.imap_port, 0, options.user, options.password).connect()
    calm = _pings(connection, lambda waits: sum(waits) < CALM_SECONDS * 1e3, options.pids)[0]
    before = anonymous(options.pids)
    sender = multiprocessing.get_context("spawn").Process(target=_send, args=(options.host, options.port, options.user))
    sender.start()
    waits, peak = _pings(connection, lambda _: sender.is_alive(), options.pids)
    sender.join()
    if sender.exitcode:
        raise SystemExit("the message was not accepted")
    figures.record("big_message_memory", kb=peak - before)
    figures.record("big_message_stall", max_ms=max(waits), p99_ms=quantile(waits, 0.99), calm_max_ms=max(calm))
    if options.json:
        figures.write(options.json)


def _pings(connection: Connection, more: Callable[[list[float]], bool], pids: list[int]) -> tuple[list[float], int]:
    waits: list[float] = []
    peak = 0
    while more(waits):
        waits.append(seconds(lambda: connection.run("NOOP")) * 1e3)
        if len(waits) % 20 == 0:
            peak = max(peak, anonymous(pids))
        time.sleep(0.001)
    return waits, peak


def _send(host: str, port: int, recipient: str) -> None:
    async def send() -> None:
        sender = await Sender.connect(host, port, lmtp=False)
        await sender.send("s@example.org", recipient, mail(50_000_000, 0))

    asyncio.run(send())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.smtp.big", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="SMTP")
    parser.add_argument("--imap-port", type=int, required=True)
    parser.add_argument("--user", required=True, help="who receives it and pings")
    parser.add_argument("--password", required=True)
    parser.add_argument("--pids", type=lambda text: [int(pid) for pid in text.split(",")], required=True)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
