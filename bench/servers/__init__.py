# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that a load generator can be pointed at: each owns a folder and loopback ports, and starts and stops."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Protocol

DOMAIN = "bench.test"
PASSWORD = "bench-throw-away"
USERS = tuple(f"u{number}@{DOMAIN}" for number in range(1, 9))


class Server(Protocol):
    """A mail server with the accounts USERS. `ports` maps imap, imaps, lmtp and smtp to what it listens on."""

    name: str
    settings: str
    ports: dict[str, int]
    pid: int

    def start(self) -> None: ...
    def stop(self) -> None: ...


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Start the server, hand it over when its ports answer, and stop it whatever happens."""
    server.start()
    try:
        for port in server.ports.values():
            until_answering(port)
        yield server
    finally:
        server.stop()


def restart(server: Server) -> None:
    """Stop and start, and drop the kernel's page cache where that is allowed: the next read is a cold one."""
    server.stop()
    os.sync()
    with suppress(OSError):
        Path("/proc/sys/vm/drop_caches").write_text("3")
    server.start()
    for port in server.ports.values():
        until_answering(port)


def free_ports(count: int) -> list[int]:
    """Return so many loopback ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in sockets]


def free_offset() -> int:
    """Return a number that, added to each standard port, gives a port that nobody listens on."""
    standard = (24, 25, 80, 143, 443, 465, 587, 993, 4190)
    for offset in random.sample(range(10_000, 60_000, 10), 100):
        with ExitStack() as stack, suppress(OSError):
            for port in standard:
                stack.enter_context(socket.socket()).bind(("127.0.0.1", offset + port))
            return offset
    raise OSError("no free ports")


def until_answering(port: int, seconds: float = 30) -> None:
    """Return once the port accepts connections; raise TimeoutError after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing answers on port {port}")
        time.sleep(0.05)


def pid_in(file: Path, seconds: float = 10) -> int:
    """Return the process id that a daemon writes into this file shortly after it started."""
    deadline = time.monotonic() + seconds
    while not (file.exists() and (text := file.read_text().strip())):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no process id in {file}")
        time.sleep(0.01)
    return int(text)


def until_gone(pid: int, seconds: float = 20) -> None:
    """Return once no process has that id; raise TimeoutError after so many seconds."""
    deadline = time.monotonic() + seconds
    while Path(f"/proc/{pid}").exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"process {pid} does not end")
        time.sleep(0.05)
