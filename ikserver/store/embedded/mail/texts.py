# SPDX-License-Identifier: GPL-3.0-or-later
"""Normalised text for SEARCH, and how a substring is found in it.

A page holds the texts of up to 256 bodies, a column for each kind: the texts joined by an octet that UTF-8 never uses,
compressed. One `bytes.find` thus looks through hundreds of messages, and the answer is exact in any language. The
newest texts are rows of their own until they fill a page; packing.py moves them.
"""

from __future__ import annotations

import re
import sqlite3
from array import array
from collections.abc import Callable, Iterator, Set
from enum import Enum
from typing import NamedTuple

import zstandard

from ikserver.store.embedded.mail.columns import uid_array, unpack

SEPARATOR = b"\xff"


class Kind(Enum):
    """The value is the name of the column in both tables."""

    SUBJECT = "subject"
    FROM = '"from"'
    TO = '"to"'
    CC = "cc"
    BCC = "bcc"
    HEADERS = "headers"
    TEXT = "text"


class TextPage(NamedTuple):
    """Text n of `content` is of body n of `bodies`; `complete` is 0 for a text that was cut."""

    bodies: array[int]
    complete: array[int]
    content: bytes


Find = Callable[[bytes, int], int]
"""The place of the first hit at or after another place, or -1."""


def substring(needle: bytes) -> Find:
    """Finds a needle that is normalised and encoded."""
    return lambda content, start: content.find(needle, start)


def header_field(name: str, needle: str) -> Find:
    """Finds, in HEADERS, a field of that name whose value holds the needle; any value if the needle is empty."""
    value = rb" [^\n\xff]*?" + re.escape(needle.encode("utf-8", "replace")) if needle else b""
    pattern = re.compile(rb"\n" + re.escape(name.lower().encode("utf-8", "replace")) + b":" + value)

    def find(content: bytes, start: int) -> int:
        found = pattern.search(content, start)
        return found.start() if found else -1

    return find


def bodies_with(find: Find, page: TextPage) -> Iterator[int]:
    """The bodies whose text has a hit."""
    content, number, start = page.content, 0, 0
    while (hit := find(content, start)) >= 0:
        number += content.count(SEPARATOR, start, hit)
        yield page.bodies[number]
        start = content.find(SEPARATOR, hit)
        if start < 0:
            return


def text_pages(db: sqlite3.Connection, kind: Kind, wanted: Set[int]) -> Iterator[TextPage]:
    """Every page of that kind which has a body of `wanted`; the newest texts come as a page, too."""
    page = f"SELECT bodies, complete, {kind.value} FROM texts WHERE first = ?"  # noqa: S608 (a name from Kind)
    decompressor = zstandard.ZstdDecompressor()
    for first in _pages_with(db, wanted):
        bodies, complete, content = db.execute(page, (first,)).fetchone()
        yield TextPage(unpack("I", bodies), unpack("B", complete), decompressor.decompress(content))
    recent = f"SELECT body, complete, {kind.value} FROM recent_texts"  # noqa: S608 (a name from Kind)
    rows = db.execute(recent).fetchall()
    if rows:
        numbers, flags, texts = zip(*rows, strict=True)
        yield TextPage(uid_array(numbers), array("B", flags), SEPARATOR.join(texts))


def sent_days(db: sqlite3.Connection, wanted: Set[int]) -> dict[int, int]:
    """Of bodies that have a usable Date field: its day."""
    days: dict[int, int] = {}
    for first in _pages_with(db, wanted):
        bodies, packed = db.execute("SELECT bodies, days FROM texts WHERE first = ?", (first,)).fetchone()
        days.update(zip(unpack("I", bodies), unpack("i", packed), strict=True))
    days.update(db.execute("SELECT body, day FROM recent_texts WHERE day IS NOT NULL"))
    return {body: day for body, day in days.items() if day}


def _pages_with(db: sqlite3.Connection, wanted: Set[int]) -> Iterator[int]:
    for first, bodies in db.execute("SELECT first, bodies FROM texts WHERE first <= ?", (max(wanted, default=0),)):
        if not wanted.isdisjoint(unpack("I", bodies)):
            yield first
