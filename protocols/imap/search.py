# SPDX-License-Identifier: GPL-3.0-or-later
"""Search keys (RFC 9051, 6.4.4; RFC 5032, 3; RFC 7162, 3.1.5). Strings are decoded from the command's charset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from protocols.imap.numbers import NumberSet


@dataclass(frozen=True, slots=True)
class AllMessages:
    pass


@dataclass(frozen=True, slots=True)
class AndKeys:
    keys: tuple[SearchKey, ...]


@dataclass(frozen=True, slots=True)
class OrKeys:
    keys: tuple[SearchKey, ...]


@dataclass(frozen=True, slots=True)
class NotKey:
    key: SearchKey


@dataclass(frozen=True, slots=True)
class Text:
    """`field` is SUBJECT, FROM, TO, CC, BCC, BODY or TEXT."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Header:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Flag:
    r"""ANSWERED and friends as `\Answered`, KEYWORD x as `x`. `set` is False for UNANSWERED, UNKEYWORD. NEW, OLD and
    RECENT come as what they mean for a server that never sets \Recent."""

    flag: str
    set: bool = True


@dataclass(frozen=True, slots=True)
class Numbers:
    numbers: NumberSet
    uid: bool = False


@dataclass(frozen=True, slots=True)
class Size:
    """LARGER n gives `above`, SMALLER n gives `below`."""

    above: int | None = None
    below: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """BEFORE, ON, SINCE (`sent` False) and SENTBEFORE, SENTON, SENTSINCE; `relation` is "<", "=" or ">="."""

    relation: str
    day: date
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Age:
    """OLDER n gives `older`, YOUNGER n gives `younger`, in seconds (RFC 5032, 2)."""

    older: int | None = None
    younger: int | None = None


@dataclass(frozen=True, slots=True)
class ModSeqAtLeast:
    modseq: int


@dataclass(frozen=True, slots=True)
class UnknownCharset:
    """Stands for all keys where their strings cannot be read: whoever answers refuses it with BadCharset."""


SearchKey = (
    AllMessages
    | AndKeys
    | OrKeys
    | NotKey
    | Text
    | Header
    | Flag
    | Numbers
    | Size
    | Day
    | Age
    | ModSeqAtLeast
    | UnknownCharset
)
