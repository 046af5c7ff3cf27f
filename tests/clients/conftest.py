# SPDX-License-Identifier: GPL-3.0-or-later
"""One demo server for all clients, and a fresh account and an empty home for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.servers import DOMAIN, running
from bench.servers.ours import Ours
from tests.clients.home import Home
from tests.clients.person import Person

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    """The demo, in a process of its own."""
    ours = Ours(tmp_path_factory.mktemp("server") / "ours", users=())
    with running(ours):
        yield ours


@pytest.fixture
def person(server: Ours) -> Person:
    """Somebody whose mailbox is still empty."""
    address = f"person{next(_numbers)}@{DOMAIN}"
    server.add(address, "--quota", "1G")
    return Person(address, server.ports, server.ca)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Where programs run."""
    return Home(tmp_path)
