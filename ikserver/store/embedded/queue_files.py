# SPDX-License-Identifier: GPL-3.0-or-later
"""Large bodies of queued messages: files in DATA/queue, durable before the row that names them."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Callable, Collection
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ikserver.model.mail import Body, SpooledFile
from ikserver.store.embedded.database import told

INLINE = 64 * 1024
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class QueueFiles:
    """The folder, and the threads that wait for its disk."""

    folder: Path
    threads: Executor

    async def keep(self, body: Body) -> tuple[bytes | None, str | None, int]:
        """Content or file name, and size."""
        if isinstance(body, SpooledFile):
            return None, await self._in_thread(lambda: _keep_file(self.folder, body.path)), body.size
        if len(body) <= INLINE:
            return body, None, len(body)
        return None, await self._in_thread(lambda: _keep_content(self.folder, body)), len(body)

    async def remove(self, names: Collection[str]) -> None:
        """Remove the files of messages that are gone."""
        if names:
            await self._in_thread(lambda: _remove(self.folder, names))

    def sweep(self, named: Collection[str], before: float) -> None:
        """Remove files that a crash left behind. Young ones may belong to a row that is being written."""
        for path in self.folder.iterdir():
            if path.name not in named and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)

    async def _in_thread(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, call)
        except OSError as error:
            raise told(error) from error


def _remove(folder: Path, names: Collection[str]) -> None:
    for name in names:
        (folder / name).unlink(missing_ok=True)


def _keep_content(folder: Path, content: bytes) -> str:
    name = secrets.token_hex(16)
    new = folder / f"{name}.new"
    try:
        new.write_bytes(content)
        return _seal(folder, new, name)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _keep_file(folder: Path, path: Path) -> str:
    """Moved where that is possible, else copied."""
    name = secrets.token_hex(16)
    new = folder / f"{name}.new"
    shutil.move(path, new)
    return _seal(folder, new, name)


def _seal(folder: Path, new: Path, name: str) -> str:
    """Octets first, then the name, then the folder that holds the name."""
    with new.open("rb") as file:
        os.fsync(file.fileno())
    new.replace(folder / name)
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return name
