# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 under an eight-way load, round after round, on one data directory."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from bench.servers import USERS, running
from bench.servers.ours import Ours
from tests.crash.clients import deliver, look, work
from tests.crash.ledger import Found, Ledger, broken_promises, out_of_order, renumbered

# Each account has one sender and one reader, so that they meet in its database.
ACCOUNTS = USERS[:4]


@pytest.mark.parametrize("rounds", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_what_was_acknowledged_survives_kill_9(rounds: int, tmp_path: Path) -> None:
    server = Ours(tmp_path / "ours", users=ACCOUNTS)
    found: dict[str, Found] = {}
    ledgers: list[Ledger] = []
    with running(server):
        for number in range(rounds):
            ledgers += kill_under_load(server, number)
            server.start()
            now = {address: look(server.ports["imap"], address) for address in ACCOUNTS}
            assert [line for ledger in ledgers for line in broken_promises(ledger, now[ledger.address])] == []
            assert [line for address in ACCOUNTS for line in renumbered(found.get(address), now[address])] == []
            assert [line for address in ACCOUNTS for line in out_of_order(now[address])] == []
            server.run("doctor")
            found = now
    assert all(ledger.acknowledged() for ledger in ledgers)
    for ledger in ledgers:
        assert ledger.uids == sorted(set(ledger.uids))


def kill_under_load(server: Ours, number: int) -> list[Ledger]:
    """Start eight clients, kill the server after a moment, and return what it had acknowledged to each."""
    ledgers = []
    with ThreadPoolExecutor(8) as threads:
        tasks = []
        for address in ACCOUNTS:
            for client, port in (deliver, "smtp"), (work, "imap"):
                ledger = Ledger(address)
                ledgers.append(ledger)
                name = f"r{number}{port}{address[:2]}n"
                tasks.append(threads.submit(client, server.ports[port], ledger, tokens(name)))
        while not all(ledger.acknowledged() for ledger in ledgers) and not any(task.done() for task in tasks):
            time.sleep(0.01)
        time.sleep(random.uniform(0.1, 1))
        server.kill()
        for task in tasks:
            task.result()
    return ledgers


def tokens(name: str) -> Callable[[], str]:
    """Return a source of tokens that begin with the name."""
    numbers = count()
    return lambda: f"{name}{next(numbers)}"
