# SPDX-License-Identifier: GPL-3.0-or-later
"""One server at a time on a data directory."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ikserver.app.stores import run_directory


class AlreadyRunning(Exception):
    """Another server has the data directory."""


@contextmanager
def exclusive(data: Path) -> Iterator[None]:
    """Hold the data directory; the kernel lets go of it however this process ends. Raises AlreadyRunning, OSError."""
    folder = run_directory(data)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Children must not keep the lock when this process is killed: file descriptors are not inherited.
    held = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise AlreadyRunning(f"a server runs on {data} already") from error
    finally:
        os.close(held)


def is_running(data: Path) -> bool:
    """Whether a server holds the data directory."""
    try:
        with exclusive(data):
            return False
    except AlreadyRunning:
        return True
