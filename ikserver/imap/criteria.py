# SPDX-License-Identifier: GPL-3.0-or-later
"""SEARCH keys as the store understands them: without sequence numbers and without the wire (RFC 9051, 6.4.4)."""

from __future__ import annotations

from typing import assert_never

from ikserver.imap.view import View
from ikserver.model import search as q
from ikserver.model.ids import ModSeq
from protocols.imap import search as k
from protocols.imap.errors import BadCharset


def query(key: k.SearchKey, view: View, now: int) -> q.Query:
    """The query behind a key. `now`, in seconds, is what OLDER and YOUNGER count from (RFC 5032, 3).

    Raises BadCommand for sequence numbers that the client cannot know, and BadCharset.
    """
    match key:
        case k.AndKeys(keys):
            return q.And(tuple(query(part, view, now) for part in keys))
        case k.OrKeys(keys):
            return q.Or(tuple(query(part, view, now) for part in keys))
        case k.NotKey(inner):
            return q.Not(query(inner, view, now))
        case k.Numbers(numbers, uid):
            return q.UidIn(view.uids_of(view.rows(numbers, uid=uid)))
        case k.Day():
            return _day(key)
        case k.Age(older, younger):
            return q.InternalDate(
                None if younger is None else now - younger, None if older is None else now - older + 1
            )
        case k.UnknownCharset():
            raise BadCharset("this charset is not known here")
        case _:
            return _plain(key)


Plain = k.AllMessages | k.Text | k.Header | k.Flag | k.Size | k.ModSeqAtLeast


def _plain(key: Plain) -> q.Query:
    match key:
        case k.AllMessages():
            return q.All()
        case k.Text(field, value):
            return q.Contains(q.Field[field], value)
        case k.Header(name, value):
            return q.HeaderContains(name, value)
        case k.Flag(flag, is_set):
            return q.HasFlag(flag) if is_set else q.Not(q.HasFlag(flag))
        case k.Size(above, below):
            return q.SizeIn(above, below)
        case k.ModSeqAtLeast(modseq):
            return q.ModSeqFrom(ModSeq(modseq))
        case unknown:
            assert_never(unknown)


def _day(key: k.Day) -> q.Query:
    """Days without time and zone (RFC 9051, 6.4.4)."""
    kind = q.SentDay if key.sent else q.InternalDay
    day = key.day.toordinal()
    match key.relation:
        case "<":
            return kind(before=day)
        case ">=":
            return kind(since=day)
        case _:
            return kind(day, day + 1)


def asks_modseq(key: k.SearchKey) -> bool:
    """Whether a mod-sequence is among the keys: the answer then tells one (RFC 7162, 3.1.5)."""
    match key:
        case k.ModSeqAtLeast():
            return True
        case k.AndKeys(keys) | k.OrKeys(keys):
            return any(map(asks_modseq, keys))
        case k.NotKey(inner):
            return asks_modseq(inner)
        case _:
            return False
