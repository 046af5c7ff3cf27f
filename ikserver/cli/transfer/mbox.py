# SPDX-License-Identifier: GPL-3.0-or-later
"""mbox files (RFC 4155): messages after lines that begin with `From `, in one file."""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Iterable, Iterator
from email.parser import BytesHeaderParser
from functools import partial
from mmap import ACCESS_READ, mmap
from pathlib import Path

from ikserver.cli.transfer.found import Found
from ikserver.cli.transfer.lines import read_lines
from ikserver.model.mail import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN, Flags

_SEPARATOR = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]* \d\d:\d\d[^\r\n]*\d{4}[^\r\n]*\r?\n")
_DATE = re.compile(rb"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d)(?::(\d\d))?.* (\d{4})")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_STATUS = {"R": SEEN, "A": ANSWERED, "F": FLAGGED, "D": DELETED, "T": DRAFT}
_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
MAX_HEADER = 64 * 1024


def find_in_mbox(path: Path) -> Iterator[Found]:
    """The messages of an mbox file in their order. Raises OSError."""
    if path.stat().st_size == 0:
        return
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as octets:
        separators = list(_SEPARATOR.finditer(octets))
        ends = [found.start() for found in separators[1:]] + [len(octets)]
        for separator, end in zip(separators, ends, strict=True):
            start = separator.end()
            yield Found(
                key=str(separator.start()),
                mailbox="",
                flags=_flags(octets[start : min(end, start + MAX_HEADER)]),
                arrived=_date(separator[0]),
                lines=partial(_content, path, start, _without_blank_line(octets, start, end)),
            )


def _without_blank_line(octets: mmap, start: int, end: int) -> int:
    """The blank line before the next `From ` is not the message's."""
    for blank in (b"\r\n\r\n", b"\n\n"):
        if octets[max(start, end - len(blank)) : end] == blank:
            return end - len(blank) // 2
    return end


def _content(path: Path, start: int, end: int) -> Iterator[bytes]:
    return _unquoted(read_lines(path, start, end))


def _unquoted(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """`>From ` was `From `, and `>>From ` was `>From ` (the form that is called mboxrd)."""
    for piece in pieces:
        yield _QUOTED.sub(rb"\1", piece)


def _flags(start: bytes) -> Flags:
    header = BytesHeaderParser().parsebytes(start)
    letters = f"{header.get('Status', '')}{header.get('X-Status', '')}"
    return frozenset(_STATUS[letter] for letter in letters if letter in _STATUS)


def _date(separator: bytes) -> int | None:
    """The date of a separator line, which is in UTC (RFC 4155, Appendix A)."""
    found = _DATE.search(separator)
    if found is None or found[1].decode() not in _MONTHS:
        return None
    month, day, hour, minute, second, year = found.groups(b"0")
    fields = (int(year), _MONTHS[month.decode()], int(day), int(hour), int(minute), int(second))
    try:
        return calendar.timegm(time.struct_time((*fields, 0, 0, 0)))
    except (ValueError, OverflowError):
        return None
