# SPDX-License-Identifier: GPL-3.0-or-later
"""From the literal of APPEND to a scanned body."""

from __future__ import annotations

import asyncio
import mmap
from dataclasses import dataclass

from ikserver.imap.errors import Refused
from ikserver.imap.spool import FileSpool
from ikserver.model.mail import Body, SpooledFile
from protocols.imap.commands import Spool
from protocols.imap.errors import BadCommand
from protocols.message import Scan, scan

SCAN_HERE = 256 * 1024
"""Octets up to which scanning takes so little time that no thread is worth it."""


@dataclass(frozen=True, slots=True)
class NewBody:
    """The octets to store, and what they are."""

    octets: Body
    scan: Scan


async def take_body(body: bytes | Spool, *, binary: bool) -> NewBody:
    """Raises BadCommand for NUL in an ordinary literal, and Refused."""
    if isinstance(body, bytes):
        _check_nul(b"\0" in body, binary=binary)
        if len(body) <= SCAN_HERE:
            return NewBody(body, scan(body))
        return NewBody(body, await asyncio.to_thread(scan, body))
    if not isinstance(body, FileSpool):
        raise TypeError("a spool of another kind")
    spooled = body.finish()
    has_nul, found = await asyncio.to_thread(_scan_file, spooled)
    _check_nul(has_nul, binary=binary)
    return NewBody(spooled, found)


def _scan_file(spooled: SpooledFile) -> tuple[bool, Scan]:
    """Whether NUL is in the file, and what it holds; the file is never in memory as a whole."""
    with spooled.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        return octets.find(b"\0") >= 0, scan(octets)


def _check_nul(has_nul: bool, *, binary: bool) -> None:
    if has_nul and not binary:
        # RFC 9051, 4.3: NUL only in a literal8.
        raise BadCommand("NUL in a literal that is no literal8")
    if has_nul:
        # RFC 3516, 4.4: a server that cannot store it so may refuse.
        raise Refused("this binary message cannot be converted", "UNKNOWN-CTE")
