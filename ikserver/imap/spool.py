# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages on their way in that are too large for memory."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkstemp

from ikserver.model.mail import SpooledFile


class FileSpool:
    """A `protocols.imap.commands.Spool` in a file."""

    __slots__ = ("_file", "_path", "_size")

    def __init__(self, folder: Path) -> None:
        descriptor, path = mkstemp(prefix="imap-", dir=folder)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._path = Path(path)
        self._size = 0

    @property
    def size(self) -> int:
        """Octets written so far."""
        return self._size

    @property
    def path(self) -> Path:
        return self._path

    def write(self, data: bytes) -> None:
        """Add at the end."""
        self._file.write(data)
        self._size += len(data)

    def discard(self) -> None:
        """Throw the file away, unless the store has taken it."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def finish(self) -> SpooledFile:
        """The whole, for the store."""
        self._file.close()
        return SpooledFile(self._path, self._size)


class Spools:
    """Makes spools in a folder on the store's file system."""

    __slots__ = ("_folder",)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self) -> FileSpool:
        return FileSpool(self._folder)
