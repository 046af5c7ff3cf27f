# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail as the store and the conversations speak of it: mailboxes, messages, flags and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from ikserver.model.activity import Event
from ikserver.model.ids import BodyId, MailboxId, ModSeq, Uid
from protocols.message import Scan

SEEN, ANSWERED, FLAGGED, DELETED, DRAFT = "\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"
SYSTEM_FLAGS = (ANSWERED, FLAGGED, DELETED, SEEN, DRAFT)
"""RFC 9051, 2.3.2. \\Recent is not kept: IMAP4rev2 dropped it and rev1 clients are told 0."""

Flags = frozenset[str]
"""System flags are spelled as above; keywords keep the spelling of their first use and compare without case."""


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A body that is too large for memory. The store moves the file into place; when it refuses the message, the file
    stays where it was and with whom it was."""

    path: Path
    size: int


Body = bytes | SpooledFile


class NewMessage(NamedTuple):
    """A message to store: its octets as received, what `protocols.message.scan` found, flags and internal date.

    `internal_date` is in seconds since the epoch; `zone` is its offset from UTC in minutes (told by INTERNALDATE).
    `events` are for the activity log: they wait in the account from the moment on when the message is there.
    """

    body: Body
    scan: Scan
    flags: Flags = frozenset()
    internal_date: int = 0
    zone: int = 0
    events: tuple[Event, ...] = ()


class SpecialUse(Enum):
    """RFC 6154, 2."""

    ALL = "\\All"
    ARCHIVE = "\\Archive"
    DRAFTS = "\\Drafts"
    FLAGGED = "\\Flagged"
    JUNK = "\\Junk"
    SENT = "\\Sent"
    TRASH = "\\Trash"


class Mailbox(NamedTuple):
    """One folder with its counters: what SELECT, STATUS and LIST tell; a tuple, since each of them makes some.

    `name` is text with `/` between levels, `size` the sum of RFC822.SIZE (RFC 8438). A name that was only subscribed to
    has no Mailbox.
    """

    id: MailboxId
    name: str
    uidvalidity: int
    uidnext: Uid
    highest_modseq: ModSeq
    messages: int
    unseen: int
    deleted: int
    size: int
    special_use: SpecialUse | None
    subscribed: bool


class FlagMode(Enum):
    REPLACE = "="
    ADD = "+"
    REMOVE = "-"


@dataclass(frozen=True, slots=True)
class FlagChange:
    mode: FlagMode
    flags: Flags

    def alters(self, flags: Flags) -> bool:
        """Whether a message with these flags comes out with others. Keywords compare without case."""
        mine, theirs = frozenset(map(str.lower, self.flags)), frozenset(map(str.lower, flags))
        match self.mode:
            case FlagMode.ADD:
                return not mine <= theirs
            case FlagMode.REMOVE:
                return not mine.isdisjoint(theirs)
            case FlagMode.REPLACE:
                return mine != theirs


class Appended(NamedTuple):
    """RFC 4315, 3: what APPENDUID tells."""

    uidvalidity: int
    uids: Sequence[Uid]
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class Copied:
    """What COPYUID tells; `source` and `target` run in step. Messages that were gone are left out."""

    uidvalidity: int
    source: Sequence[Uid]
    target: Sequence[Uid]


@dataclass(frozen=True, slots=True)
class FlagsStored:
    """What a STORE did: `changed` got `modseq`; `refused` had a mod-sequence above UNCHANGEDSINCE (RFC 7162, 3.1.3)."""

    changed: Sequence[Uid]
    refused: Sequence[Uid]
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class Expunged:
    uids: Sequence[Uid]
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class Delta:
    """What happened to a mailbox after `since`: kept or new messages whose mod-sequence is higher, and gone UIDs.

    `complete` is False when `since` is older than the oldest tombstone: then `vanished` may name more than once lived
    and holds every UID below uidnext that is not there (RFC 7162, 3.2.5.1).
    """

    changed: Sequence[Uid]
    vanished: Sequence[Uid]
    modseq: ModSeq
    complete: bool = True


class Fact(Enum):
    """Wire bytes that were computed at delivery. STRUCTURE is BODYSTRUCTURE, BODY the same without extension data."""

    ENVELOPE = "envelope"
    STRUCTURE = "structure"
    BODY = "body"
    HEADERS = "headers"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class StoredBody:
    """A body that can be read by range."""

    id: BodyId
    size: int


@dataclass(frozen=True, slots=True)
class Usage:
    """RFC 9208, 5.1 and 5.2: octets and messages kept; a limit of None is no limit."""

    bytes: int
    messages: int
    bytes_limit: int | None
    messages_limit: int | None
