# SPDX-License-Identifier: GPL-3.0-or-later
"""The DEFLATE streams of COMPRESS (RFC 4978, 4)."""

from __future__ import annotations

import zlib

WINDOW = -15
"""RFC 1951 without header or checksum, window of 32 KB."""
MEMORY = 6
"""zlib's memLevel: 128 KB less for a connection than with the default, for little loss."""
PIECE = 64 * 1024


class Deflate:
    """Both directions of one connection."""

    __slots__ = ("_in", "_out", "_rest")

    def __init__(self) -> None:
        self._in = zlib.decompressobj(WINDOW)
        self._out = zlib.compressobj(level=5, wbits=WINDOW, memLevel=MEMORY)
        self._rest = b""

    def shrink(self, data: bytes) -> bytes:
        """What to send so that the client gets `data` now."""
        return self._out.compress(data) + self._out.flush(zlib.Z_SYNC_FLUSH)

    def take(self, data: bytes) -> None:
        """Compressed octets from the client."""
        self._rest += data

    def grow(self) -> bytes:
        """The next of what the client sent, at most 64 KB; b"" when nothing more is there. Raises ValueError."""
        try:
            piece = self._in.decompress(self._rest, PIECE)
        except zlib.error as error:
            raise ValueError("not a DEFLATE stream") from error
        self._rest = self._in.unconsumed_tail
        return piece
