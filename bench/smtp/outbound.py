# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the queue of a whole server empties into a relay host, and how soon a full one begins.

    python -m bench.smtp.outbound --loads plain --port 2525

Loads: `plain` and `signed` (an RSA-2048 and an Ed25519 signature each) are messages a second to one domain, `domains`
to a hundred; `full` is a queue of --full messages to 1,000 domains: seconds from the start of the server until the
first one is sent, how long it takes to open it, and the memory of the server while it sends. Without --port it starts
an smtp-sink.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import fields
from functools import partial
from pathlib import Path

from bench.figures import Figures
from bench.memory import proportional
from bench.servers.sink import sink
from ikserver.app.initial import initialise
from ikserver.app.records import domain_keys
from ikserver.app.stores import Stores, open_stores
from ikserver.settings import Address, Listen, Outbound, Settings, dump
from ikserver.store.api.queue import QueuedMessage, QueuedRecipient

from .draining import drain
from .mails import mail

DOMAIN = "example.org"
SENDER = f"s1@{DOMAIN}"
BODY = mail(1_000, 1)
FULL_DOMAINS = 1_000
STEADY_SECONDS = 3.0
POLL_SECONDS = 0.1
"""SQLite counts 100,000 rows in some milliseconds, which the server has not."""


def main() -> None:
    options = _options()
    # Told to end, it still stops the server that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    figures = Figures()
    with ExitStack() as stack:
        port = options.port or stack.enter_context(sink())
        for load in options.loads:
            with tempfile.TemporaryDirectory(prefix="ikserver-bench-") as folder:
                LOADS[load](_settings(Path(folder), port), options, figures)
    if options.json:
        figures.write(options.json)


def _settings(data: Path, port: int) -> Settings:
    """Of a server that listens nowhere and has one process."""
    nowhere = Listen(**{service.name: () for service in fields(Listen)})
    relay = Outbound(smarthost=Address("127.0.0.1", port), smarthost_verify=False)
    return Settings(data, f"mail.{DOMAIN}", workers=1, listen=nowhere, outbound=relay)


def _rate(
    settings: Settings, options: argparse.Namespace, figures: Figures, *, name: str, domains: int, signed: bool
) -> None:
    submitter = SENDER if signed else ""
    messages = [
        QueuedMessage(
            SENDER, [QueuedRecipient(f"r@far{number % domains}.test")], mail(1_000, number), submitter=submitter
        )
        for number in range(options.messages)
    ]
    asyncio.run(_put(settings, messages))
    with _serving(settings), closing(sqlite3.connect(settings.data / "server.sqlite")) as database:
        per_s = drain(partial(_waiting, database))
    figures.record(f"outbound_{name}", per_s=per_s)


def _full(settings: Settings, options: argparse.Namespace, figures: Figures) -> None:
    asyncio.run(_put(settings, []))
    _fill(settings.data, options.full)
    start = time.perf_counter()
    asyncio.run(_open(settings))
    opened = time.perf_counter() - start
    start = time.perf_counter()
    with _serving(settings) as pid, closing(sqlite3.connect(settings.data / "server.sqlite")) as database:
        while _waiting(database) == options.full:
            time.sleep(POLL_SECONDS)
        first = time.perf_counter() - start
        time.sleep(STEADY_SECONDS)
        figures.record("queue_first_sent", s=first, open_s=opened)
        figures.record("queue_memory", MB=proportional([pid]) / 1024)


async def _put(settings: Settings, messages: list[QueuedMessage]) -> None:
    await initialise(settings)
    async with open_stores(settings) as stores:
        await _make_domain(settings, stores)
        await asyncio.gather(*(stores.queue.put(message) for message in messages))


async def _open(settings: Settings) -> None:
    async with open_stores(settings):
        pass


async def _make_domain(settings: Settings, stores: Stores) -> None:
    organisation = await stores.directory.organisations.add("Bench")
    await stores.directory.domains.add(DOMAIN, organisation.id)
    domain_keys(settings).ensure(DOMAIN)


def _fill(data: Path, count: int) -> None:
    """In one transaction: that is not what is measured."""
    connection = sqlite3.connect(data / "server.sqlite")
    now = int(time.time())
    connection.executemany(
        "INSERT INTO queue_messages (id, sender, ret, envid, body_type, smtputf8, size, queued, content)"
        " VALUES (?, ?, '', '', '7BIT', 0, ?, ?, ?)",
        ((number, SENDER, len(BODY), now, BODY) for number in range(1, count + 1)),
    )
    domains = [f"far{number}.test" for number in range(FULL_DOMAINS)]
    connection.executemany(
        "INSERT INTO queue_recipients (message, recipient, notify, orcpt, domain, next_attempt)"
        " VALUES (?, ?, '', '', ?, ?)",
        ((n, f"r@{domains[n % FULL_DOMAINS]}", domains[n % FULL_DOMAINS], now) for n in range(1, count + 1)),
    )
    connection.commit()
    connection.close()


@contextmanager
def _serving(settings: Settings) -> Iterator[int]:
    """A server, by its process id."""
    config = settings.data / "bench.toml"
    config.write_text(dump(settings))
    with (settings.data / "log").open("wb") as log:
        program = [sys.executable, "-m", "ikserver", "serve", "--config", str(config)]
        with subprocess.Popen(program, stderr=log) as process:
            try:
                yield process.pid
            finally:
                process.terminate()


def _waiting(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT count(*) FROM queue_messages").fetchone()[0])


LOADS: dict[str, Callable[[Settings, argparse.Namespace, Figures], None]] = {
    "plain": partial(_rate, name="plain", domains=1, signed=False),
    "signed": partial(_rate, name="signed", domains=1, signed=True),
    "domains": partial(_rate, name="domains", domains=100, signed=False),
    "full": _full,
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.smtp.outbound", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, help="of the relay host on this machine")
    parser.add_argument("--messages", type=int, default=3_000, help="of each load (default %(default)s)")
    parser.add_argument("--full", type=int, default=100_000, help="in the full queue (default %(default)s)")
    parser.add_argument("--loads", type=lambda text: text.split(","), default=LOADS, help=",".join(LOADS))
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
