# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command of IMAP that we know, as frozen values (RFC 9051, 6; RFC 3501, 6; extensions named beside each)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from protocols.imap.fetch import FetchItem
from protocols.imap.numbers import NumberSet
from protocols.imap.search import SearchKey


class Spool(Protocol):
    """Takes a literal that is too large for memory. Made by the factory that `Receiver` was given."""

    @property
    def size(self) -> int:
        """Octets written so far."""

    def write(self, data: bytes) -> None: ...

    def discard(self) -> None:
        """The command did not come to be: throw the octets away."""


@dataclass(frozen=True, slots=True)
class Capability:
    tag: str


@dataclass(frozen=True, slots=True)
class Noop:
    tag: str


@dataclass(frozen=True, slots=True)
class Logout:
    tag: str


@dataclass(frozen=True, slots=True)
class Id:
    """RFC 2971, 3.1."""

    tag: str
    fields: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class StartTls:
    tag: str


@dataclass(frozen=True, slots=True)
class Authenticate:
    """`initial` is decoded; None when it was not sent, b"" for `=` (RFC 4959, 3)."""

    tag: str
    mechanism: str
    initial: bytes | None


@dataclass(frozen=True, slots=True)
class Login:
    tag: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Enable:
    tag: str
    capabilities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QResync:
    """RFC 7162, 3.2.5: what the client remembers of the mailbox."""

    uidvalidity: int
    modseq: int
    known_uids: NumberSet | None = None
    match_numbers: NumberSet | None = None
    match_uids: NumberSet | None = None


@dataclass(frozen=True, slots=True)
class Select:
    """SELECT, or EXAMINE when `read_only`. Mailbox names are decoded text (from modified UTF-7 or UTF-8)."""

    tag: str
    mailbox: str
    read_only: bool = False
    condstore: bool = False
    qresync: QResync | None = None


@dataclass(frozen=True, slots=True)
class Create:
    """`special_use` as in RFC 6154, 3: attributes with their backslash."""

    tag: str
    mailbox: str
    special_use: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delete:
    tag: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class Rename:
    tag: str
    mailbox: str
    new_name: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    tag: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    tag: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class List:
    """RFC 9051, 6.3.9; RFC 5258, 3; RFC 5819, 2; RFC 6154, 2. Option names in upper case.

    `extended` is False for the two-argument form. `status` holds the items of RETURN (STATUS (...)).
    """

    tag: str
    reference: str
    patterns: tuple[str, ...]
    selection: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    extended: bool = False


@dataclass(frozen=True, slots=True)
class Lsub:
    """RFC 3501, 6.3.9."""

    tag: str
    reference: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Namespace:
    tag: str


@dataclass(frozen=True, slots=True)
class Status:
    tag: str
    mailbox: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppendMessage:
    """One message of APPEND; `binary` when it came as literal8 (RFC 3516, 4.4). `date` carries its zone."""

    body: bytes | Spool
    flags: tuple[str, ...] = ()
    date: datetime | None = None
    binary: bool = False


@dataclass(frozen=True, slots=True)
class Append:
    """RFC 9051, 6.3.12; several messages by RFC 3502."""

    tag: str
    mailbox: str
    messages: tuple[AppendMessage, ...]


@dataclass(frozen=True, slots=True)
class Idle:
    """The receiver takes the next line as its end (RFC 9051, 6.3.13): see `Receiver.expect_line`."""

    tag: str


@dataclass(frozen=True, slots=True)
class GetQuota:
    """RFC 9208, 4.1."""

    tag: str
    root: str


@dataclass(frozen=True, slots=True)
class GetQuotaRoot:
    tag: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class SetQuota:
    tag: str
    root: str
    limits: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Compress:
    """RFC 4978, 3."""

    tag: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class Check:
    """RFC 3501, 6.4.1."""

    tag: str


@dataclass(frozen=True, slots=True)
class Close:
    tag: str


@dataclass(frozen=True, slots=True)
class Unselect:
    tag: str


@dataclass(frozen=True, slots=True)
class Expunge:
    """`uids` is None for EXPUNGE, a set for UID EXPUNGE."""

    tag: str
    uids: NumberSet | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """`returns` is None without RETURN, else the options in upper case (() means ALL; RFC 4731, 3.1; SAVE: RFC 5182).

    `uid`: the answer, and `*` and sets within UID keys, count in UIDs.
    """

    tag: str
    key: SearchKey
    returns: tuple[str, ...] | None = None
    charset: str | None = None
    uid: bool = False


@dataclass(frozen=True, slots=True)
class Fetch:
    """Macros are already spelled out; UID FETCH does not add UID to `items`: the verb does (RFC 9051, 6.4.9)."""

    tag: str
    numbers: NumberSet
    items: tuple[FetchItem, ...]
    uid: bool = False
    changed_since: int | None = None
    vanished: bool = False


@dataclass(frozen=True, slots=True)
class Store:
    """`mode` is "=", "+" or "-" ; flags as spelled."""

    tag: str
    numbers: NumberSet
    mode: str
    flags: tuple[str, ...]
    silent: bool = False
    uid: bool = False
    unchanged_since: int | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    tag: str
    numbers: NumberSet
    mailbox: str
    uid: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    tag: str
    numbers: NumberSet
    mailbox: str
    uid: bool = False


Command = (
    Capability
    | Noop
    | Logout
    | Id
    | StartTls
    | Authenticate
    | Login
    | Enable
    | Select
    | Create
    | Delete
    | Rename
    | Subscribe
    | Unsubscribe
    | List
    | Lsub
    | Namespace
    | Status
    | Append
    | Idle
    | GetQuota
    | GetQuotaRoot
    | SetQuota
    | Compress
    | Check
    | Close
    | Unselect
    | Expunge
    | Search
    | Fetch
    | Store
    | Copy
    | Move
)
