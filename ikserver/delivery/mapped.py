# SPDX-License-Identifier: GPL-3.0-or-later
"""Large files are read through the page cache, and do not stay in our memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from mmap import ACCESS_READ, MADV_DONTNEED, mmap
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

LET_GO_SECONDS = 0.002


async def read_mapped(path: Path, threads: Executor, call: Callable[[mmap], T]) -> T:
    """What `call` makes of the octets of a file, in a thread.

    Pages that it has touched are let go on the way: while they are mapped they count as memory of this process.
    """
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as octets:
        result = asyncio.get_running_loop().run_in_executor(threads, call, octets)
        while not (await asyncio.wait({result}, timeout=LET_GO_SECONDS))[0]:
            octets.madvise(MADV_DONTNEED)
        return await result
