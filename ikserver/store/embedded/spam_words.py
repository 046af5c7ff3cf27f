# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the words of an address or an organisation were learned, in memory: the file needs a millisecond to count
the words of one message, a dict some microseconds.

A count is one number, `spam << 32 | ham`, so that counts add up.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

MAX_WORDS = 250_000
"""Kept by a process, some 16 MB. An owner with more words than that is always looked up in the file."""
WORTH_READING = 4
"""Lookups in the file that cost as much as to read all words of an owner who has many thousands."""

# The words that are asked for come first: SQLite would go through all that were learned.
_LOOK_UP = "SELECT token, spam << 32 | ham FROM json_each(?) CROSS JOIN spam_tokens ON owner = ? AND token = value"
# One row: a thread that steps through many fights for the interpreter lock at each. And one statement, so that the
# words are those of the mark.
_READ = """
    SELECT mark, json_group_array(token), json_group_array(count)
    FROM spam_owners, (SELECT token, spam << 32 | ham AS count FROM spam_tokens WHERE owner = ? LIMIT ?) WHERE id = ?
"""

logger = logging.getLogger("ikserver.store")


class _Kept(NamedTuple):
    """`words` is None where there are too many. They are these as long as the owner has this mark."""

    mark: int
    words: Mapping[int, int] | None


class LearnedWords:
    """Reads with connections of its own: `reader` on the loop, `other` in a thread, for one owner at a time."""

    def __init__(
        self, reader: sqlite3.Connection, other: sqlite3.Connection, threads: Executor, most: int = MAX_WORDS
    ) -> None:
        self._reader = reader
        self._other = other
        self._threads = threads
        self._most = most
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._asked: Counter[int] = Counter()
        self._reading: asyncio.Future[_Kept] | None = None

    def counts(self, owner: int, mark: int, tokens: Sequence[int]) -> Mapping[int, int]:
        """At least those of `tokens` that the owner, who has this mark now, has learned."""
        if not mark:
            return {}
        kept = self._kept.get(owner)
        if kept is None or kept.mark != mark:
            self._wanted(owner)
        elif kept.words is not None:
            self._kept.move_to_end(owner)
            return kept.words
        return dict(self._reader.execute(_LOOK_UP, (json.dumps(tokens), owner)).fetchall())

    async def close(self) -> None:
        """Finish what is being read."""
        if self._reading is not None:
            await asyncio.wait({self._reading})
        self._other.close()

    def _wanted(self, owner: int) -> None:
        self._asked[owner] += 1
        if self._asked[owner] < WORTH_READING or self._reading is not None:
            return
        self._asked.clear()
        self._reading = asyncio.get_running_loop().run_in_executor(self._threads, self._read, owner)
        self._reading.add_done_callback(partial(self._keep, owner))

    def _read(self, owner: int) -> _Kept:
        mark, tokens, counts = self._other.execute(_READ, (owner, self._most + 1, owner)).fetchone()
        words = dict(zip(json.loads(tokens), _shared(json.loads(counts)), strict=True))
        return _Kept(mark, words if len(words) <= self._most else None)

    def _keep(self, owner: int, reading: asyncio.Future[_Kept]) -> None:
        self._reading = None
        if error := reading.exception():
            logger.error("words-not-read", extra={"fields": {"owner": owner, "reason": str(error)}})
            return
        self._kept[owner] = reading.result()
        self._kept.move_to_end(owner)
        size = sum(len(one.words or ()) for one in self._kept.values())
        while size > self._most:
            _, gone = self._kept.popitem(last=False)
            size -= len(gone.words or ())


def _shared(counts: Sequence[int]) -> Sequence[int]:
    """The same, each number once in memory."""
    once: dict[int, int] = {}
    return [once.setdefault(count, count) for count in counts]
