# SPDX-License-Identifier: GPL-3.0-or-later
"""Octets of messages: small ones in a row, large ones in a file that belongs to one body alone.

A file is durable before its row is written and removed after its row is gone, so a crash leaves at most a file without
a row (an orphan), never a row without its file. Names end in a random token: no two bodies ever share a file.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from ikserver.model.mail import Body, SpooledFile

INLINE_BELOW = 64 * 1024
_PIECE = 1 << 20


class BlobFiles:
    """The folder blobs/ of an account. Every method but `read_cached` blocks: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, body: Body) -> str:
        """Put a body into the folder, durably; returns its name. A spooled file stays where it is, too."""
        digest = hashlib.blake2b(digest_size=20)
        for piece in _pieces(body):
            digest.update(piece)
        name = f"{digest.hexdigest()[:2]}/{digest.hexdigest()}.{secrets.token_hex(8)}"
        target = self._folder / name
        if not target.parent.is_dir():
            for folder in (self._folder, target.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
                _sync(folder.parent)
        try:
            match body:
                case bytes():
                    target.write_bytes(body)
                case SpooledFile(path):
                    _link(path, target)
            _sync(target)
            _sync(target.parent)
        except OSError:
            # Half a file would keep a full disk full.
            target.unlink(missing_ok=True)
            raise
        return name

    def discard(self, names: Iterable[str]) -> None:
        """Remove files whose rows are gone or never came."""
        for name in names:
            (self._folder / name).unlink(missing_ok=True)

    def read(self, name: str, start: int, length: int | None) -> bytes:
        """Octets of a file; fewer when it ends before, all to the end when `length` is None.

        Raises KeyError when it is gone.
        """
        with self.mapped(name) as data:
            return data[start:] if length is None else data[start : start + length]

    def read_cached(self, name: str, start: int, length: int) -> bytes | None:
        """Octets of a file, without waiting for the disk; None when not all of them are in the kernel's page cache.

        Raises KeyError when it is gone.
        """
        octets = bytearray(length)
        with self._opened(name) as file:
            try:
                got = os.preadv(file.fileno(), [octets], start, os.RWF_NOWAIT)
            except OSError:  # they are on the disk, or the file system cannot tell
                return None
        return bytes(octets) if got == length else None

    @contextmanager
    def mapped(self, name: str) -> Iterator[mmap.mmap]:
        """A whole file, without reading it into memory. Raises KeyError when it is gone."""
        with self._opened(name) as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data

    def path(self, name: str) -> Path:
        """Where a file is."""
        return self._folder / name

    def _opened(self, name: str) -> FileIO:
        try:
            return (self._folder / name).open("rb", buffering=0)
        except FileNotFoundError:
            raise KeyError(name) from None

    def names(self) -> Iterator[str]:
        """Every file that is there."""
        return (f"{path.parent.name}/{path.name}" for path in self._folder.glob("??/*"))

    def age(self, name: str, now: float) -> float:
        """Seconds since a file was put here."""
        try:
            return now - (self._folder / name).stat().st_ctime
        except FileNotFoundError:
            return 0.0

    def fault(self, name: str, size: int) -> str | None:
        """What is wrong with a file: compares its size and its content with the row and the name."""
        path = self._folder / name
        if not path.is_file():
            return "is missing"
        if path.stat().st_size != size:
            return f"has {path.stat().st_size} octets instead of {size}"
        digest = hashlib.blake2b(digest_size=20)
        for piece in _pieces(SpooledFile(path, size)):
            digest.update(piece)
        return None if digest.hexdigest() == path.name.partition(".")[0] else "has other content than it was given"


@contextmanager
def whole_body(db: sqlite3.Connection, files: BlobFiles, body: int) -> Iterator[bytes | mmap.mmap]:
    """A body to be scanned. Blocks. Raises KeyError when it was swept away."""
    row = db.execute("SELECT content, file FROM bodies WHERE id = ?", (body,)).fetchone()
    if row is None:
        raise KeyError(body)
    content, file = row
    if file is None:
        yield content
        return
    with files.mapped(file) as data:
        yield data


def _pieces(body: Body) -> Iterator[bytes]:
    match body:
        case bytes():
            yield body
        case SpooledFile(path):
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield piece


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
