# SPDX-License-Identifier: GPL-3.0-or-later
"""From the literal of APPEND to a scanned body."""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ikserver.imap.errors import Refused
from ikserver.imap.spool import FileSpool
from ikserver.model.mail import Body
from protocols.imap.commands import Spool
from protocols.imap.errors import BadCommand
from protocols.message import Scan, scan, unpack_parts
from protocols.smtp.binary import without_binary

SCAN_HERE = 256 * 1024
"""Octets up to which scanning takes so little time that no thread is worth it."""


@dataclass(frozen=True, slots=True)
class NewBody:
    """The octets to store, and what they are."""

    octets: Body
    scan: Scan


async def take_body(body: bytes | Spool, folder: Path, *, binary: bool) -> NewBody:
    """Raises BadCommand for NUL in an ordinary literal (RFC 9051, 4.3), and Refused.

    NUL in a literal8 is kept by encoding binary parts in base64 (RFC 3516, 4.4). Large bodies stay in files, of which
    new ones are made in `folder`, and are never in memory as a whole.
    """
    if isinstance(body, bytes):
        if len(body) <= SCAN_HERE:
            return _take(body, binary=binary)
        return await asyncio.to_thread(_take, body, binary=binary)
    if not isinstance(body, FileSpool):
        raise TypeError("a spool of another kind")
    return await asyncio.to_thread(_take_file, body, folder, binary=binary)


def _take(body: bytes, *, binary: bool) -> NewBody:
    found = scan(body)
    if b"\0" in body:
        body = b"".join(_without_nul(body, found, binary=binary))
        found = scan(body)
    return NewBody(body, found)


def _take_file(spool: FileSpool, folder: Path, *, binary: bool) -> NewBody:
    spooled = spool.finish()
    with spooled.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        found = scan(octets)
        if octets.find(b"\0") < 0:
            return NewBody(spooled, found)
        encoded = FileSpool(folder)
        try:
            for piece in _without_nul(octets, found, binary=binary):
                encoded.write(piece)
            taken = _take_file(encoded, folder, binary=False)
        except BaseException:
            encoded.discard()
            raise
    spool.discard()
    return taken


def _without_nul(octets: bytes | mmap.mmap, found: Scan, *, binary: bool) -> Iterable[bytes]:
    if not binary:
        raise BadCommand("NUL in a literal that is no literal8")
    for piece in without_binary(octets, unpack_parts(found.parts)):
        if b"\0" in piece:
            raise Refused("NUL outside of parts of encoding binary cannot be kept", "UNKNOWN-CTE")
        yield piece
