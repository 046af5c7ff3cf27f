# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that wait: how late an idling one hears of new mail, and what each costs in memory."""

from __future__ import annotations

import statistics
import time

from bench.figures import Figures, quantile
from bench.memory import proportional

from .connection import Connection, Target


def news(target: Target, message: bytes, figures: Figures, rounds: int = 50) -> None:
    """Time from the OK of an APPEND until another connection of the account, in IDLE, reads EXISTS."""
    idler, other = target.connect(), target.connect()
    start_idling(idler)
    waits = []
    for _ in range(rounds):
        other.append("INBOX", [message])
        start = time.perf_counter()
        while b"EXISTS" not in idler.line():
            pass
        waits.append((time.perf_counter() - start) * 1e3)
    figures.record("idle_after_append_ok", p50_ms=statistics.median(waits), p99_ms=quantile(waits, 0.99))


def cost(target: Target, count: int, pids: list[int], figures: Figures, *, tls: bool) -> None:
    """Memory that `count` connections add which sign in, select INBOX and idle; and how fast they came."""
    for number in range(8):
        start_idling(target.connect(number, tls=tls))
    before, start = proportional(pids), time.perf_counter()
    connections = [target.connect(number, tls=tls) for number in range(count)]
    for connection in connections:
        start_idling(connection)
    took = time.perf_counter() - start
    time.sleep(1)
    each = (proportional(pids) - before) / count
    figures.record("idle_connections" + "_tls" * tls, kb_each=each, connects_per_s=count / took)
    for connection in connections:
        connection.close()


def start_idling(connection: Connection) -> None:
    """Select INBOX and IDLE; return when the server has said that it waits."""
    connection.run("SELECT INBOX")
    connection.send("IDLE")
    while b"+ " not in connection.line():
        pass
