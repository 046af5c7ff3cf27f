# SPDX-License-Identifier: GPL-3.0-or-later
"""A search as the store understands it: no sequence numbers, no charsets, no strings of the wire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ikserver.model.ids import ModSeq, Uid


class Field(Enum):
    """Where a substring is looked for (RFC 9051, 6.4.4). TEXT is header and body; BODY is decoded text only."""

    SUBJECT = "subject"
    FROM = "from"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    BODY = "body"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class All:
    pass


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Not:
    query: Query


@dataclass(frozen=True, slots=True)
class Contains:
    """Case-insensitive substring; an empty `needle` matches every message that has the field."""

    field: Field
    needle: str


@dataclass(frozen=True, slots=True)
class HeaderContains:
    """An empty `needle` matches every message with a header of that name."""

    name: str
    needle: str


@dataclass(frozen=True, slots=True)
class HasFlag:
    """System flag or keyword, compared without case."""

    flag: str


@dataclass(frozen=True, slots=True)
class UidIn:
    uids: Sequence[Uid]


@dataclass(frozen=True, slots=True)
class SizeIn:
    """Strictly larger than `above` and smaller than `below`, where given (octets)."""

    above: int | None = None
    below: int | None = None


@dataclass(frozen=True, slots=True)
class InternalDate:
    """Seconds since the epoch, `since` included and `before` excluded: WITHIN's OLDER and YOUNGER (RFC 5032)."""

    since: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class InternalDay:
    """Day numbers (date.toordinal()) of the internal date, disregarding time and zone; `before` is excluded."""

    since: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class SentDay:
    """As InternalDay, of the Date header field."""

    since: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class ModSeqFrom:
    """Mod-sequence of at least `modseq` (RFC 7162, 3.1.5)."""

    modseq: ModSeq


Query = (
    All
    | And
    | Or
    | Not
    | Contains
    | HeaderContains
    | HasFlag
    | UidIn
    | SizeIn
    | InternalDate
    | InternalDay
    | SentDay
    | ModSeqFrom
)
