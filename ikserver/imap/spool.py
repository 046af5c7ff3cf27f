# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages on their way in that are too large for memory."""

from __future__ import annotations

import logging
from io import FileIO
from pathlib import Path
from tempfile import mkstemp

from ikserver.model.mail import SpooledFile
from ikserver.store.api.errors import NoRoom

logger = logging.getLogger("ikserver.imap")


class FileSpool:
    """A `protocols.imap.commands.Spool` in a file.

    What cannot be written is told at the end: the client sends its literal to the end in any case.
    """

    __slots__ = ("_file", "_path", "_size")

    def __init__(self, folder: Path) -> None:
        """Raises nothing: see `finish`."""
        self._file: FileIO | None = None
        self._path = folder
        self._size = 0
        try:
            descriptor, path = mkstemp(prefix="imap-", dir=folder)
        except OSError as error:
            _log(error)
        else:
            self._file, self._path = FileIO(descriptor, "wb"), Path(path)

    @property
    def size(self) -> int:
        """Octets given so far."""
        return self._size

    def write(self, data: bytes) -> None:
        """Add at the end."""
        self._size += len(data)
        if self._file is None:
            return
        try:
            view = memoryview(data)
            while view:
                # A raw file takes what fits.
                view = view[self._file.write(view) :]
        except OSError as error:
            _log(error)
            self.discard()

    def discard(self) -> None:
        """Throw the file away, unless the store has taken it."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._path.unlink(missing_ok=True)

    def finish(self) -> SpooledFile:
        """The whole, for the store. Raises NoRoom when it could not be written."""
        if self._file is None:
            raise NoRoom("there is no room for the message now")
        self._file.close()
        return SpooledFile(self._path, self._size)


class Spools:
    """Makes spools in a folder on the store's file system."""

    __slots__ = ("_folder",)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self) -> FileSpool:
        return FileSpool(self._folder)


def _log(error: OSError) -> None:
    logger.error("spool-failed", extra={"fields": {"reason": error.strerror}})
