# SPDX-License-Identifier: GPL-3.0-or-later
"""What the spam filter and the lists of senders decide, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from ikserver.model.ids import AccountId, BodyId, OrganisationId


class Household(NamedTuple):
    """One address with its organisation: each has lists and statistics of its own."""

    account: AccountId
    organisation: OrganisationId


class Side(Enum):
    """The two lists (SND-01)."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"


class Level(Enum):
    """Whose list it is."""

    ADDRESS = "address"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list. `pattern` is canonical: see ikserver/spam/patterns.py."""

    side: Side
    pattern: str


class Hit(NamedTuple):
    """The line that decided, and whose list it is on."""

    level: Level
    listed: Listed


class Verdict(NamedTuple):
    """`spam`: the score reaches the threshold, or a list says so. `reasons` are the strongest first, without spaces."""

    score: float
    threshold: float
    spam: bool
    reasons: tuple[str, ...] = ()
    hit: Hit | None = None


class Scanned(NamedTuple):
    """What the virus scanner says of a message: the name of what it found, "" for nothing; or it gave no answer."""

    malware: str = ""
    answered: bool = True


class Profile(NamedTuple):
    """What is set for an address and known of its mail: learned messages of each kind, its own and, in `spam` and
    `ham`, these with its organisation's.

    `version` is another one after each change of a list of either.
    """

    on: bool
    version: tuple[int, int]
    spam: int
    ham: int
    own_spam: int = 0
    own_ham: int = 0


@dataclass(frozen=True, slots=True)
class Lesson:
    """One message to learn from. `spam` is None to forget what was learned of it. `tokens` are numbers of words."""

    body: BodyId
    tokens: frozenset[int]
    spam: bool | None


@dataclass(frozen=True, slots=True)
class Reported:
    """One message of a report: where it lies now, and how it was learned before."""

    uid: int
    body: BodyId
    learned_before: bool | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a report, or its contrary, has done: enough to undo it. `number` is 0 until it is kept."""

    account: AccountId
    spam: bool
    source: str
    target: str
    messages: tuple[Reported, ...]
    added: tuple[Listed, ...]
    removed: tuple[Listed, ...]
    number: int = 0
