# SPDX-License-Identifier: GPL-3.0-or-later
"""A field is put into a message, and others taken out of it, without the octets passing through our memory."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from mmap import mmap
from pathlib import Path

from ikserver.delivery.mapped import read_mapped
from ikserver.model.mail import Body, SpooledFile

Cuts = Callable[[bytes | mmap], Sequence[tuple[int, int]]]
"""Where the parts lie that are to go, in order."""


async def stamped(body: Body, field: bytes, at: int, cuts: Cuts, threads: Executor) -> Body:
    """`body` with `field` at offset `at` and without what `cuts` finds behind it.

    A file is replaced by another one; when this raises OSError the old one is still there.
    """
    if not isinstance(body, SpooledFile):
        return b"".join([body[:at], field, *(body[start:end] for start, end in _kept(at, cuts(body), len(body)))])
    target = body.path.with_name(secrets.token_hex(12))
    size = await read_mapped(body.path, threads, lambda octets: _write(target, body.path, octets, field, at, cuts))
    await asyncio.get_running_loop().run_in_executor(threads, body.path.unlink)
    return SpooledFile(target, size)


def _write(target: Path, source: Path, octets: mmap, field: bytes, at: int, cuts: Cuts) -> int:
    """The size of the new file."""
    try:
        with target.open("xb") as new, source.open("rb") as old:
            new.write(octets[:at] + field)
            new.flush()
            for start, end in _kept(at, cuts(octets), len(octets)):
                while start < end:
                    start += os.sendfile(new.fileno(), old.fileno(), start, end - start)
            return new.tell()
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _kept(start: int, cuts: Sequence[tuple[int, int]], end: int) -> list[tuple[int, int]]:
    kept = []
    for begin, after in cuts:
        kept.append((start, begin))
        start = after
    return [*kept, (start, end)]
