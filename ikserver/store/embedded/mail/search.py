# SPDX-License-Identifier: GPL-3.0-or-later
"""SEARCH (RFC 9051, 6.4.4): exact; cheap criteria first, texts last and only of what is left. Runs in a thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence, Set

from ikserver.model import search as q
from ikserver.store.embedded.mail.columns import Columns
from ikserver.store.embedded.mail.criteria import FlagsOf, by_columns
from ikserver.store.embedded.mail.texts import (
    Find,
    Kind,
    bodies_with,
    header_field,
    sent_days,
    substring,
    text_pages,
)
from protocols.message import normalise

_KINDS = {
    q.Field.SUBJECT: (Kind.SUBJECT,),
    q.Field.FROM: (Kind.FROM,),
    q.Field.TO: (Kind.TO,),
    q.Field.CC: (Kind.CC,),
    q.Field.BCC: (Kind.BCC,),
    q.Field.BODY: (Kind.TEXT,),
    q.Field.TEXT: (Kind.HEADERS, Kind.TEXT),
}
_FAR_DAY = 1 << 31

Rows = Sequence[int]
InWhole = Callable[[int, bytes], bool]
"""Whether the whole text of a body, of which only the beginning is kept, holds a normalised needle."""


COLUMNS_ONLY = 1
"""The cost of a query that asks no texts."""


def cost(query: q.Query) -> int:
    """Rank in the order of evaluation."""
    match query:
        case q.And(parts) | q.Or(parts):
            return max(map(cost, parts), default=0)
        case q.Not(inner):
            return cost(inner)
        case q.Contains(field):
            return 5 if field in (q.Field.BODY, q.Field.TEXT) else 3
        case q.HeaderContains():
            return 4
        case q.SentDay():
            return 2
        case _:
            return COLUMNS_ONLY


class Search:
    """One search over the rows of a mailbox as they were when it began."""

    def __init__(self, db: sqlite3.Connection, columns: Columns, flags: FlagsOf, in_whole: InWhole) -> None:
        self._db = db
        self._columns = columns
        self._flags = flags
        self._in_whole = in_whole

    def matching(self, query: q.Query, rows: Rows) -> Rows:
        """Those of `rows` that match, in the same order."""
        match query:
            case q.All():
                return rows
            case q.And(parts):
                return self._all(parts, rows)
            case q.Or(parts):
                return self._any(parts, rows)
            case q.Not(inner):
                gone = set(self.matching(inner, rows))
                return [row for row in rows if row not in gone]
            case q.Contains(field, needle):
                return self._containing(field, normalise(needle), rows)
            case q.HeaderContains(name, needle):
                return self._with_hits(rows, [Kind.HEADERS], header_field(name, normalise(needle)))
            case q.SentDay(since, before):
                return self._sent(since, before, rows)
            case criterion:
                return by_columns(criterion, self._columns, self._flags, rows)

    def _all(self, parts: Sequence[q.Query], rows: Rows) -> Rows:
        for part in sorted(parts, key=cost):
            rows = self.matching(part, rows)
        return rows

    def _any(self, parts: Sequence[q.Query], rows: Rows) -> Rows:
        found: set[int] = set()
        for part in sorted(parts, key=cost):
            found.update(self.matching(part, [row for row in rows if row not in found]))
        return [row for row in rows if row in found]

    def _containing(self, field: q.Field, needle: str, rows: Rows) -> Rows:
        if needle:
            octets = needle.encode("utf-8", "replace")
            return self._with_hits(rows, _KINDS[field], substring(octets), octets)
        if field in (q.Field.BODY, q.Field.TEXT):
            return rows
        return self._with_hits(rows, [Kind.HEADERS], header_field(field.value, ""))

    def _with_hits(self, rows: Rows, kinds: Sequence[Kind], find: Find, needle: bytes = b"") -> Rows:
        """`needle` is what `find` looks for, where texts are among the kinds that may have been cut."""
        bodies = self._columns.bodies
        wanted = {bodies[row] for row in rows}
        hits: set[int] = set()
        for kind in kinds:
            hits |= self._hits(kind, wanted - hits, find, needle)
        return [row for row in rows if bodies[row] in hits]

    def _hits(self, kind: Kind, wanted: Set[int], find: Find, needle: bytes) -> set[int]:
        """Bodies, of `wanted` and others, whose text has a hit."""
        hits: set[int] = set()
        cut: set[int] = set()
        for page in text_pages(self._db, kind, wanted):
            hits.update(bodies_with(find, page))
            if kind is Kind.TEXT:
                cut.update(body for body, complete in zip(page.bodies, page.complete, strict=True) if not complete)
        hits.update(body for body in (cut & wanted) - hits if self._in_whole(body, needle))
        return hits

    def _sent(self, since: int | None, before: int | None, rows: Rows) -> Rows:
        bodies = self._columns.bodies
        days = sent_days(self._db, {bodies[row] for row in rows})
        low, high = since or 1, _FAR_DAY if before is None else before
        return [row for row in rows if low <= days.get(bodies[row], 0) < high]
