# SPDX-License-Identifier: GPL-3.0-or-later
"""Octets that arrived and are not yet read, without a quadratic step however small the pieces are."""

from __future__ import annotations

from protocols.imap.errors import BadCommand

_TAIL = 32
"""Longer than the longest announcement of a literal with its line end, so that a skipped line still shows one."""

_BEGINNING = 256
"""As much of a line that is too long as shall tell whose tag it bears."""


class LineTooLong(BadCommand):
    """A line over the limit. It is still in the buffer: `Buffer.skip_line` drops it."""

    def __init__(self, limit: int, beginning: bytes) -> None:
        super().__init__(f"the line has more than {limit} octets")
        self.beginning = beginning


class Buffer:
    """A queue of octets that is read by lines and by counts."""

    __slots__ = ("_at", "_data", "_searched")

    def __init__(self) -> None:
        self._data = bytearray()
        self._at = 0  # everything before it has been read
        self._searched = 0  # no line end stands before it

    def __len__(self) -> int:
        return len(self._data) - self._at

    def feed(self, data: bytes) -> None:
        """Append at the end."""
        if self._at:
            # Cutting a bytearray at its front moves a pointer, not the octets behind.
            del self._data[: self._at]
            self._searched = max(0, self._searched - self._at)
            self._at = 0
        self._data += data

    def line(self, limit: int) -> bytes | None:
        """The next line with its end, LF or CRLF, or None when it is not there yet. Raises LineTooLong."""
        end = self._data.find(b"\n", max(self._at, self._searched)) + 1
        self._searched = end or len(self._data)
        if (end or len(self._data)) - self._at > limit:
            self._searched = self._at
            raise LineTooLong(limit, bytes(self._data[self._at : self._at + _BEGINNING]))
        return self.take(end - self._at) if end else None

    def skip_line(self) -> bytes | None:
        """Drop up to the line end and give the last octets before it, or None when the line goes on."""
        end = self._data.find(b"\n", self._at) + 1
        if end:
            tail = bytes(self._data[max(self._at, end - _TAIL) : end])
            self._at = end
            return tail
        self._at = max(self._at, len(self._data) - _TAIL)
        return None

    def take(self, count: int) -> bytes:
        """Up to `count` octets."""
        end = min(self._at + count, len(self._data))
        with memoryview(self._data) as view:
            taken = bytes(view[self._at : end])
        self._at = end
        return taken
