# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the queue empties into Postfix's smtp-sink, and how soon a full one begins: `python -m bench.smtp.outbound`.

Prints one line of JSON: messages a second for the mail of one domain and of a hundred; and for a queue of 100,000
recipients the time to open it and to send the first message, with the memory of the process after that.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import uvloop

from ikserver.accounts.api import Elsewhere, Login, Route
from ikserver.outbound.api import Unsigned
from ikserver.outbound.connecting import Connecting
from ikserver.outbound.outcomes import Outcomes
from ikserver.outbound.preparing import Preparing
from ikserver.outbound.reports import Reports
from ikserver.outbound.routing import Routing
from ikserver.outbound.runner import Outbound, OutboundLimits
from ikserver.outbound.schedule import Schedule
from ikserver.outbound.sending import Direct, Sending
from ikserver.store.api.queue import Queue, QueuedMessage, QueuedRecipient
from ikserver.store.embedded.queue import open_queue
from tests.outbound.zone import Zone

BODY = b"Subject: bench\r\n\r\n" + b"A line of some length, as people write them.\r\n" * 22
FULL = 100_000


class Nobody:
    """A router of a server without addresses."""

    async def route(self, address: str, size: int = 0) -> Route:
        return Elsewhere(address)

    async def may_send_as(self, login: Login, sender: str) -> bool:
        return True

    async def is_local_domain(self, domain: str) -> bool:
        return False


async def main(messages: int = 3_000) -> dict[str, float]:
    """All figures."""
    with _sink() as port, tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(8) as threads:
        root = Path(folder)
        one = await _rate(root / "one", port, threads, messages, 1)
        many = await _rate(root / "many", port, threads, messages, 100)
        opened, first = await _full(root / "full", port, threads)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"one_domain": one, "hundred_domains": many, "open_s": opened, "first_s": first, "memory_mb": round(memory)}


async def _rate(root: Path, port: int, threads: ThreadPoolExecutor, messages: int, domains: int) -> float:
    queue = _open(root, threads)
    puts = [
        queue.put(QueuedMessage("a@here.test", [QueuedRecipient(f"b@far{n % domains}.test")], BODY, body_type="7BIT"))
        for n in range(messages)
    ]
    await asyncio.gather(*puts)
    sending = asyncio.create_task(_outbound(queue, root, port, threads, domains).run())
    begun = time.perf_counter()
    while await queue.entries():
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - begun
    await _end(sending, queue)
    return round(messages / seconds)


async def _full(root: Path, port: int, threads: ThreadPoolExecutor) -> tuple[float, float]:
    await _open(root, threads).close()
    _fill(root)
    begun = time.perf_counter()
    queue = _open(root, threads)
    opened = time.perf_counter() - begun
    counting = sqlite3.connect(root / "server.sqlite")
    sending = asyncio.create_task(_outbound(queue, root, port, threads, 1000).run())
    while counting.execute("SELECT count(*) FROM queue_messages").fetchone()[0] == FULL:
        await asyncio.sleep(0.01)
    first = time.perf_counter() - begun
    await _end(sending, queue)
    return round(opened, 3), round(first, 3)


def _fill(root: Path) -> None:
    """In one transaction: that is not what is measured."""
    connection = sqlite3.connect(root / "server.sqlite")
    now = int(time.time())
    connection.executemany(
        "INSERT INTO queue_messages (id, sender, ret, envid, body_type, smtputf8, size, queued, content)"
        " VALUES (?, 'a@here.test', '', '', '7BIT', 0, ?, ?, ?)",
        ((n, len(BODY), now, BODY) for n in range(1, FULL + 1)),
    )
    connection.executemany(
        "INSERT INTO queue_recipients (message, recipient, notify, orcpt, domain, next_attempt)"
        " VALUES (?, ?, '', '', ?, ?)",
        ((n, f"b@far{n % 1000}.test", f"far{n % 1000}.test", now) for n in range(1, FULL + 1)),
    )
    connection.commit()
    connection.close()


def _open(root: Path, threads: ThreadPoolExecutor) -> Queue:
    (root / "spool").mkdir(parents=True, exist_ok=True)
    return open_queue(root, threads)


def _outbound(queue: Queue, root: Path, port: int, threads: ThreadPoolExecutor, domains: int) -> Outbound:
    zone = Zone(a_records={f"far{n}.test": ["192.0.2.1"] for n in range(domains)})
    connecting = Connecting("here.test", dial=lambda address, _: ("127.0.0.1", port))
    preparing = Preparing(queue, Unsigned(), root / "spool", threads)
    outcomes = Outcomes(queue, Reports("here.test", queue, Nobody(), threads), Schedule())
    return Outbound(
        queue, Sending(Direct(Routing(zone, "here.test"), connecting), preparing), outcomes, OutboundLimits()
    )


async def _end(sending: asyncio.Task[None], queue: Queue) -> None:
    sending.cancel()
    await asyncio.wait({sending})
    await queue.close()


@contextmanager
def _sink() -> Iterator[int]:
    """Postfix's test server, that takes everything and keeps nothing."""
    with socket.socket() as chooser:
        chooser.bind(("127.0.0.1", 0))
        port = chooser.getsockname()[1]
    # It takes a user to become from root alone.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen(["smtp-sink", *user, f"127.0.0.1:{port}", "1000"]) as sink:
        try:
            time.sleep(0.5)
            yield port
        finally:
            sink.kill()


if __name__ == "__main__":
    print(json.dumps(uvloop.run(main())))
