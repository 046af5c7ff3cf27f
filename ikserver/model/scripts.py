# SPDX-License-Identifier: GPL-3.0-or-later
"""Sieve scripts as they are kept, and all that one delivery does to an account when scripts decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from ikserver.model.activity import Event
from ikserver.model.mail import Body, NewMessage
from ikserver.model.tls import TlsWish


class ScriptEntry(NamedTuple):
    """A line of the list of an account's scripts (RFC 5804, 2.7); `size` in octets."""

    name: str
    active: bool
    size: int


class Script(NamedTuple):
    """A script with its text."""

    name: str
    content: bytes


class Moment(Enum):
    """When a script of an organisation runs: around those of its addresses, or only where one includes it."""

    BEFORE = "before"
    AFTER = "after"
    INCLUDED = "included"


class GlobalScript(NamedTuple):
    """A script of an organisation. Those of one moment run in the order of their names."""

    name: str
    moment: Moment
    content: bytes


class Placed(NamedTuple):
    """A message for a mailbox of the account. When there is none of that name it is made, with `create`, or the
    message goes to INBOX."""

    mailbox: str
    message: NewMessage
    create: bool = False


class Post(NamedTuple):
    """A message that leaves the account. `sender` is "" for the null one; `event` tells the activity log of it.

    `author` is the address of ours in whose name it was written, "" for a message that came and is sent on. The last
    fields are what the next server is asked for (RFC 3461, 4).
    """

    sender: str
    recipients: tuple[str, ...]
    body: Body
    event: Event | None = None
    author: str = ""
    smtputf8: bool = False
    tls: TlsWish = TlsWish.USUAL
    notify: str = ""
    orcpt: str = ""
    ret: str = ""
    envid: str = ""


class Mark(NamedTuple):
    """Something that scripts remember until a time in Unix seconds. With `new` it must not be there yet."""

    key: bytes
    until: int
    new: bool = True


class WaitingPost(NamedTuple):
    """A post that nobody has carried to the queue yet. A file of its body belongs to the account."""

    number: int
    key: bytes
    post: Post


@dataclass(frozen=True, slots=True)
class Decided:
    """What one delivery does to an account, all or nothing. `events` are for the activity log."""

    placed: Sequence[Placed] = ()
    posts: Sequence[Post] = ()
    marks: Sequence[Mark] = ()
    events: Sequence[Event] = ()
