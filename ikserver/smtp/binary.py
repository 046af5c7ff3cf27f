# SPDX-License-Identifier: GPL-3.0-or-later
"""BINARYMIME ends here (RFC 3030, 3): IMAP literals know no NUL, so binary parts are kept in base64."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from concurrent.futures import Executor
from mmap import mmap
from pathlib import Path

from ikserver.delivery.mapped import read_mapped
from ikserver.model.mail import Body, SpooledFile
from ikserver.smtp.spool import storage_full
from protocols.message import scan, unpack_parts
from protocols.smtp.binary import without_binary
from protocols.smtp.hygiene import is_clean
from protocols.smtp.replies import BARE_OCTETS, Refused


async def reencoded(body: Body, folder: Path, threads: Executor) -> Body:
    """The message without binary parts. Raises Refused when its other parts are not made of lines.

    A file is replaced by another one in `folder`; it is gone when this raises.
    """
    loop = asyncio.get_running_loop()
    if isinstance(body, SpooledFile):
        target = folder / secrets.token_hex(12)
        try:
            return await read_mapped(body.path, threads, lambda octets: _write(target, octets))
        except OSError as error:
            raise storage_full(error) from error
        finally:
            await loop.run_in_executor(threads, body.path.unlink)
    return await loop.run_in_executor(threads, lambda: b"".join(_clean_pieces(body)))


def _write(target: Path, octets: mmap) -> SpooledFile:
    try:
        with target.open("xb") as new:
            new.writelines(_clean_pieces(octets))
            return SpooledFile(target, new.tell())
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _clean_pieces(data: bytes | mmap) -> Iterator[bytes]:
    """Pieces may be cut between CR and LF: the CR is looked at with the next one."""
    held = b""
    for piece in without_binary(data, unpack_parts(scan(data).parts)):
        piece = held + piece
        held = b"\r" if piece.endswith(b"\r") else b""
        piece = piece[: len(piece) - len(held)]
        if not is_clean(piece):
            raise Refused(BARE_OCTETS)
        yield piece
    if held:
        raise Refused(BARE_OCTETS)
