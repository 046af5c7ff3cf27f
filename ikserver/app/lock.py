# SPDX-License-Identifier: GPL-3.0-or-later
"""One server at a time on a data directory."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ikserver.app.stores import run_directory

TAKE_OVER_SECONDS = 5.0


class AlreadyRunning(Exception):
    """Another server has the data directory."""


@contextmanager
def exclusive(data: Path, role: str = "server") -> Iterator[None]:
    """Be the only process in a role on a data directory; the kernel ends it however the process ends.

    Raises AlreadyRunning, OSError.
    """
    folder = run_directory(data)
    for each in data, folder:
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Children must not keep the lock when this process is killed: file descriptors are not inherited.
    held = os.open(folder / f"{role}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"a {role} process runs on {data} already") from error
        yield
    finally:
        os.close(held)


async def alone(data: Path, role: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do what only one process of a server does, as soon as no other one does it. Never returns."""
    while True:
        try:
            with exclusive(data, role):
                await work()
        except AlreadyRunning:
            await asyncio.sleep(TAKE_OVER_SECONDS)


def is_running(data: Path) -> bool:
    """Whether a server holds the data directory."""
    try:
        with exclusive(data):
            return False
    except AlreadyRunning:
        return True
