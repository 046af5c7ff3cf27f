# SPDX-License-Identifier: GPL-3.0-or-later
"""What IMAP needs of the rest of the server, and its limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ikserver.accounts.api import Authenticator, LiveLogins
from ikserver.changes import Changes
from ikserver.model.ids import AccountId, Uid
from ikserver.model.mail import Mailbox
from ikserver.store.api.mail import MailStore

KIB, MIB = 1024, 1024 * 1024


class MoveWatcher(Protocol):
    def moved(self, account: AccountId, source: Mailbox, target: Mailbox, uids: Sequence[Uid]) -> None:
        """Messages were moved or copied; `uids` are their numbers in `target`. Returns at once, never raises."""


class Unwatched:
    """Nobody wants to know."""

    def moved(self, account: AccountId, source: Mailbox, target: Mailbox, uids: Sequence[Uid]) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Backend:
    """`spool` is a folder on the file system of the store, for messages too large for memory. `clock` gives seconds
    since the epoch."""

    authenticator: Authenticator
    logins: LiveLogins
    mail_store: MailStore
    changes: Changes
    spool: Path
    clock: Callable[[], float]
    moves: MoveWatcher = field(default_factory=Unwatched)


@dataclass(frozen=True, slots=True)
class ImapLimits:
    """Times are in seconds, sizes in octets. A value for each limit that an operator may want to change."""

    connections: int = 10_000
    connections_per_client: int = 100
    connections_per_account: int = 50
    login_time: float = 60
    idle_time: float = 30 * 60
    """RFC 9051, 5.4: at least 30 minutes."""
    login_failures: int = 5
    failure_delay: float = 2
    bad_commands: int = 20
    message_size: int = 201 * MIB
    spool_above: int = 256 * KIB
    scram: bool = True
