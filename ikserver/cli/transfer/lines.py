# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of lines that end as they like, and messages of lines that end in CRLF (RFC 5322, 2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from secrets import token_hex

from ikserver.model.mail import Body, SpooledFile
from protocols.message import Scan, scan

PIECE = 256 * 1024
"""Octets read at once, and the most that a body takes in memory."""

_BARE_LF = re.compile(rb"(?<!\r)\n")


def read_lines(path: Path, start: int, end: int) -> Iterator[bytes]:
    """Octets `start` to `end` of a file in pieces that end with a line, unless a line is longer than a piece."""
    with path.open("rb") as file:
        file.seek(start)
        rest = b""
        while start < end:
            octets = file.read(min(PIECE, end - start))
            if not octets:
                break
            start += len(octets)
            rest += octets
            # Without a line end in sight, the last octet stays: it may be the CR of one.
            cut = rest.rfind(b"\n") + 1 or len(rest) - 1
            if cut:
                yield rest[:cut]
            rest = rest[cut:]
        if rest:
            yield rest


def with_crlf(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines as they go on the wire. NUL, which no IMAP literal may hold (RFC 9051, 9), becomes 0x80 as in Dovecot."""
    for piece in pieces:
        yield _BARE_LF.sub(b"\r\n", piece).replace(b"\0", b"\x80")


def as_body(pieces: Iterable[bytes], spool: Path) -> Body:
    """All of it: in memory when it is small, else in a file of the folder `spool` that whoever takes it owns."""
    held, size = [], 0
    pieces = iter(pieces)
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > PIECE:
            return _spooled(held, pieces, spool / f"import-{token_hex(8)}")
    return b"".join(held)


def scan_body(body: Body) -> Scan:
    """What a message is; a file is not read into memory for it."""
    if isinstance(body, bytes):
        return scan(body)
    with body.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as octets:
        return scan(octets)


def _spooled(held: list[bytes], more: Iterator[bytes], path: Path) -> SpooledFile:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.writelines(held)
            file.writelines(more)
            return SpooledFile(path, file.tell())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
