# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Where(Enum):
    """What a condition looks at."""

    FROM = "from"
    TO = "to"
    CC = "cc"
    REPLY_TO = "reply-to"
    SUBJECT = "subject"
    CONTENT = "content"

    @property
    def has_addresses(self) -> bool:
        return self not in (Where.SUBJECT, Where.CONTENT)


class How(Enum):
    """What it looks for. Case makes no difference; in what `MATCHES`, `*` is any text and `?` any character."""

    IS = "is"
    CONTAINS = "contains"
    BEGINS = "begins"
    ENDS = "ends"
    MATCHES = "matches"


@dataclass(frozen=True, slots=True)
class Says:
    """In fields of addresses CONTAINS looks at the names of people as well, everything else at addresses alone."""

    where: Where
    how: How
    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Size:
    """The whole message is larger than so many octets, or smaller."""

    over: bool
    octets: int
    negated: bool = False


Condition: TypeAlias = Says | Size


class Flag(Enum):
    """What a message is marked with."""

    READ = r"\Seen"
    FLAGGED = r"\Flagged"


@dataclass(frozen=True, slots=True)
class Mark:
    """Holds for what later actions keep, also those of later rules."""

    flag: Flag


@dataclass(frozen=True, slots=True)
class Move:
    """To a folder, which is made when it is not there."""

    folder: str


@dataclass(frozen=True, slots=True)
class Copy:
    """As Move, and the message stays where it is."""

    folder: str


@dataclass(frozen=True, slots=True)
class Forward:
    """To somebody else; the message stays where it is."""

    address: str


@dataclass(frozen=True, slots=True)
class Delete:
    """It is in no folder, but for those that other actions name."""


Action: TypeAlias = Mark | Move | Copy | Forward | Delete


@dataclass(frozen=True, slots=True)
class Rule:
    """When all conditions hold, or with `any` one of them, the actions are done in their order; without conditions
    they always are. `stop`: no later rule is asked."""

    name: str
    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]
    any: bool = False
    stop: bool = False
    on: bool = True
