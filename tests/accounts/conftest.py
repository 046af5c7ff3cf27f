# SPDX-License-Identifier: GPL-3.0-or-later
"""A real directory on a real file, real argon2id with small costs, and a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from ikserver.accounts.passwords import PasswordCosts, Passwords
from ikserver.store.api.directory import Directory
from ikserver.store.embedded.directory import open_directory
from tests.support import wait

CHEAP = PasswordCosts(time=1, memory=64, parallelism=1, iterations=4096)


@dataclass
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def directory(tmp_path: Path, clock: Clock) -> Iterator[Directory]:
    directory = open_directory(tmp_path, clock=clock)
    yield directory
    wait(directory.close())


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
def passwords(threads: ThreadPoolExecutor) -> Passwords:
    return Passwords(CHEAP, threads)
