# SPDX-License-Identifier: GPL-3.0-or-later
"""A body comes in, by DATA or by BDAT. What is wrong with it is told at its end, when the client listens."""

from __future__ import annotations

from ikserver.model.mail import Body
from ikserver.smtp.limits import SmtpLimits
from ikserver.smtp.spool import Spool, storage_full
from ikserver.smtp.wire import Wire
from protocols.smtp.dots import Unstuffer
from protocols.smtp.hygiene import is_clean, normalise
from protocols.smtp.replies import BARE_OCTETS, TOO_LARGE, Refused


class Intake:
    """Takes pieces of one body; `finish` gives the body or raises the first thing that was wrong with it."""

    def __init__(self, spool: Spool, limits: SmtpLimits, *, binary: bool) -> None:
        self._spool = spool
        self._limits = limits
        self._binary = binary
        self._size = 0
        self._held = b""
        self.problem: Refused | None = None
        """The first thing that was wrong."""

    async def take(self, data: bytes) -> None:
        """Keep a piece; after a problem pieces are only counted. Never raises Refused."""
        self._size += len(data)
        if self.problem is not None:
            return
        try:
            await self._spool.write(self._checked(data))
        except Refused as refused:
            await self._fail(refused)
        except OSError as error:
            await self._fail(storage_full(error))

    async def finish(self) -> Body:
        """Raises Refused."""
        if self._held:
            await self.take(b"")
        if self.problem is not None:
            raise self.problem
        try:
            return await self._spool.finish()
        except Refused:
            await self._spool.discard()
            raise
        except OSError as error:
            await self._spool.discard()
            raise storage_full(error) from error

    async def discard(self) -> None:
        """The message will not be finished."""
        await self._spool.discard()

    def _checked(self, data: bytes) -> bytes:
        if self._size > self._limits.message_size:
            raise Refused(TOO_LARGE)
        if self._binary:
            return data
        # BDAT may cut between CR and LF: the CR waits for the next piece, or for the end, where it is alone.
        data, last = self._held + data, not data
        self._held = b"\r" if data.endswith(b"\r") and not last else b""
        data = data[: len(data) - len(self._held)]
        if self._limits.normalise_line_ends:
            return normalise(data)
        if not is_clean(data):
            raise Refused(BARE_OCTETS)
        return data

    async def _fail(self, refused: Refused) -> None:
        self.problem = refused
        await self._spool.discard()


async def take_data(wire: Wire, intake: Intake) -> None:
    """Read what follows 354 up to its end (RFC 5321, 4.1.1.4)."""
    unstuffer, rest = Unstuffer(), None
    while rest is None:
        data, rest = unstuffer.feed(await wire.some())
        if data:
            await intake.take(data)
    wire.put_back(rest)


async def take_chunk(wire: Wire, intake: Intake, size: int) -> None:
    """Read the `size` octets that follow a BDAT line (RFC 3030, 2)."""
    while size:
        data = await wire.some(min(size, 256 * 1024))
        size -= len(data)
        await intake.take(data)


async def skip_chunk(wire: Wire, size: int) -> None:
    """Read what nobody wants."""
    while size:
        size -= len(await wire.some(min(size, 256 * 1024)))
