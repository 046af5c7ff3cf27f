# SPDX-License-Identifier: GPL-3.0-or-later
"""Many clients at once: sign-ins, and a mix of what mail programs do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from bench.figures import Figure, Figures, quantile, seconds

from .connection import Target


def sign_in(target: Target, figures: Figures, clients: int = 4, times: int = 40) -> None:
    """Clients that connect, sign in, select INBOX and leave."""

    def client(number: int) -> None:
        for _ in range(times):
            connection = target.connect(number)
            connection.run("SELECT INBOX")
            connection.close()

    took = seconds(lambda: at_once(clients, client))
    figures.record("login_select", per_s=clients * times / took)


def mixed(target: Target, messages: Sequence[bytes], figures: Figures, clients: int = 20, length: float = 4) -> None:
    """For `length` seconds each client lists, reads, flags, searches and appends; the best of three rounds."""
    rounds = [_mixed(target, messages, clients, length) for _ in range(3)]
    figures.record(f"mixed_{clients}_clients", **max(rounds, key=lambda load: load["per_s"]))


def _mixed(target: Target, messages: Sequence[bytes], clients: int, length: float) -> Figure:
    waits: list[float] = []

    def client(number: int) -> None:
        connection = target.connect(number)
        body = messages[number % len(messages)]
        commands: list[Callable[[], None]] = [
            lambda: connection.run("FETCH 1:20 (FLAGS ENVELOPE)"),
            lambda: connection.run("FETCH 5 (BODY.PEEK[])"),
            lambda: connection.run("STORE 3 +FLAGS (\\Seen)"),
            lambda: connection.run("SEARCH UNSEEN"),
            lambda: connection.run("STATUS INBOX (MESSAGES UNSEEN)"),
            lambda: connection.append("INBOX", [body]),
        ]
        connection.run("SELECT INBOX")
        end = time.perf_counter() + length
        while time.perf_counter() < end:
            waits.extend(seconds(command) * 1e3 for command in commands)

    took = seconds(lambda: at_once(clients, client))
    return {"per_s": len(waits) / took, "p99_ms": quantile(waits, 0.99)}


def at_once(clients: int, client: Callable[[int], None]) -> None:
    """Run client(0), client(1) … each in a thread; raise what one of them raises."""
    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(client, range(clients)))
