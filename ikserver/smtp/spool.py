# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a body stays while it comes in: in memory while it is small, then in a file."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import Executor
from io import FileIO
from pathlib import Path
from typing import TypeVar

from ikserver.model.mail import Body, SpooledFile
from ikserver.store.api.errors import NoRoom
from protocols.smtp.replies import STORAGE_FULL, Refused

logger = logging.getLogger("ikserver.smtp")

T = TypeVar("T")
Head = Callable[[bytes], bytes]
"""Given the first octets of a body (all of it, or what fits in memory), what to put before it. May raise Refused."""


def storage_full(error: OSError | NoRoom) -> Refused:
    """What the client hears when a body cannot be written; the reason is for the log."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    logger.error("spool-failed", extra={"fields": {"reason": reason}})
    return Refused(STORAGE_FULL)


class Spool:
    """One body. After `finish` the file, if there is one, belongs to the caller; otherwise `discard` removes it.

    Files are written in a thread, in pieces, each of which is awaited: so memory stays bounded and a slow disk stalls
    nobody. It is the store that makes a body durable.
    """

    def __init__(self, folder: Path, threads: Executor, memory: int, head: Head) -> None:
        self._folder = folder
        self._threads = threads
        self._memory = memory
        self._head = head
        self._pieces: list[bytes] = []
        self._held = 0
        self._written = 0
        self._file: FileIO | None = None
        self._path: Path | None = None

    async def write(self, data: bytes) -> None:
        """Raises OSError, and what `head` raises."""
        self._pieces.append(data)
        self._held += len(data)
        if self._held > self._memory:
            await self._spill()

    async def finish(self) -> Body:
        """The whole body with its head. Raises OSError, and what `head` raises."""
        if self._path is None:
            body = b"".join(self._pieces)
            self._pieces.clear()
            return self._head(body) + body
        await self._spill()
        await self._in_thread(self._close)
        return SpooledFile(self._path, self._written)

    async def discard(self) -> None:
        """Forget the body."""
        self._pieces.clear()
        if self._path is not None:
            await self._in_thread(self._close)
            await self._in_thread(lambda path: path.unlink(missing_ok=True), self._path)

    async def _spill(self) -> None:
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._held = 0
        if self._path is None:
            data = self._head(data) + data
            self._path = self._folder / secrets.token_hex(12)
            self._file = await self._in_thread(FileIO, self._path, "xb")
        if self._file is not None:
            await self._in_thread(_write_all, self._file, data)
        self._written += len(data)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    async def _in_thread(self, call: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)


def _write_all(file: FileIO, data: bytes) -> None:
    """A raw file takes what fits: on a full disk the next call raises OSError."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
