# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail of one account: mailboxes, messages, flags, search.

Every method may be called from any task of the event loop; what it returns describes one committed state. Methods
that change something return once the change is on the disk, and publish a hint on `Changes` before they return.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from ikserver.model.activity import Event
from ikserver.model.ids import AccountId, BodyId, MailboxId, ModSeq, Uid
from ikserver.model.mail import (
    Appended,
    Copied,
    Delta,
    Expunged,
    Fact,
    FlagChange,
    Flags,
    FlagsStored,
    Mailbox,
    NewMessage,
    SpecialUse,
    StoredBody,
    Usage,
)
from ikserver.model.search import Query
from ikserver.store.api.scripts import Decisions, Scripts

Render = Callable[[bytes], bytes]


class Columns(Protocol):
    """What FETCH asks most often, in RAM, one row a message, ascending by UID; shared by all sessions and read-only.

    All sequences run in step. New messages extend them in place and changed flags alter them in place; when
    messages are expunged the mailbox gets another Columns object and this one stays as it was. So a view that holds
    on to a Columns object keeps its numbering: message n is row n - 1 (RFC 9051, 2.3.1.2).
    `flagsets` holds keys of `Opened.flags` and `Opened.flags_wire`; `zones` minutes east of UTC; `saved` is when a
    message came to this mailbox (RFC 8514, 3), 0 where that is not known.
    """

    @property
    def uids(self) -> Sequence[int]: ...
    @property
    def flagsets(self) -> Sequence[int]: ...
    @property
    def modseqs(self) -> Sequence[int]: ...
    @property
    def dates(self) -> Sequence[int]: ...
    @property
    def zones(self) -> Sequence[int]: ...
    @property
    def sizes(self) -> Sequence[int]: ...
    @property
    def bodies(self) -> Sequence[int]: ...
    @property
    def saved(self) -> Sequence[int]: ...


class Opened(Protocol):
    """A mailbox that somebody has open. `columns` and `mailbox` are as of the last `refresh`."""

    @property
    def mailbox(self) -> Mailbox: ...
    @property
    def columns(self) -> Columns: ...

    def flags(self, flagset: int) -> Flags:
        """The flags behind a number of `Columns.flagsets`."""

    def flags_wire(self) -> Sequence[bytes]:
        r"""By flagset number: the flags as `(\Seen $Junk)`. Grows as new combinations appear."""

    def keywords(self) -> Sequence[str]:
        """Keywords in use in this account, in order of first use: for FLAGS and PERMANENTFLAGS."""

    def refresh(self) -> bool:
        """Bring `columns` and `mailbox` up to the last commit of any worker. Cheap when nothing is new.

        Raises NoSuchMailbox when the mailbox was deleted.
        """

    def changed_since(self, modseq: ModSeq) -> Sequence[int]:
        """Rows (not UIDs) of `columns` whose mod-sequence is higher, ascending; fast when there are few."""

    def close(self) -> None:
        """Let go of the shared columns."""


class Mail(Protocol):
    """The mail of one account."""

    @property
    def account(self) -> AccountId: ...

    # Mailboxes. Names use `/`; INBOX is always there and spelled so.
    async def mailboxes(self) -> Sequence[Mailbox]:
        """All of them, ordered by name."""

    async def subscriptions(self) -> Sequence[str]:
        """Subscribed names, of mailboxes that exist and of others (RFC 9051, 6.3.7)."""

    async def mailbox(self, name: str) -> Mailbox:
        """Raises NoSuchMailbox."""

    async def create(self, name: str, special_use: SpecialUse | None = None, *, subscribe: bool = False) -> Mailbox:
        """Make a mailbox and its missing parents. Raises MailboxExists, CannotChange."""

    async def delete(self, name: str) -> None:
        """Raises NoSuchMailbox, CannotChange (INBOX; a mailbox with children is removed and its children stay)."""

    async def rename(self, old: str, new: str) -> None:
        """With children; of INBOX: moves its messages to a new mailbox (RFC 9051, 6.3.6). New UIDVALIDITY not needed.

        Raises NoSuchMailbox, MailboxExists, CannotChange.
        """

    async def subscribe(self, name: str, subscribed: bool) -> None: ...

    async def set_special_use(self, name: str, use: SpecialUse) -> None:
        """This mailbox has the use from now on, and no other. Raises NoSuchMailbox, CannotChange."""

    # Messages
    async def open(self, name: str) -> Opened:
        """Raises NoSuchMailbox."""

    async def changes(self, mailbox: MailboxId, since: ModSeq) -> Delta: ...

    async def append(self, mailbox: MailboxId, messages: Sequence[NewMessage]) -> Appended:
        """Store all of them or none (RFC 3502, 6.3.11). Raises NoSuchMailbox, OverQuota."""

    async def deliver(self, name: str, message: NewMessage) -> Appended:
        """As `append`, to a mailbox by name, INBOX when it is gone. Concurrent deliveries share one commit."""

    async def store_flags(
        self, mailbox: MailboxId, uids: Sequence[Uid], change: FlagChange, unchanged_since: ModSeq | None = None
    ) -> FlagsStored:
        """Messages that are gone are passed over; those whose flags stay the same keep their mod-sequence."""

    async def copy(self, mailbox: MailboxId, uids: Sequence[Uid], target: MailboxId) -> Copied:
        """Flags and internal dates are kept. Raises NoSuchMailbox, OverQuota."""

    async def move(self, mailbox: MailboxId, uids: Sequence[Uid], target: MailboxId) -> tuple[Copied, Expunged]: ...

    async def expunge(self, mailbox: MailboxId, uids: Sequence[Uid] | None) -> Expunged:
        r"""Remove messages with \Deleted, those among `uids` when given. Bodies stay readable for a while."""

    async def erase_older(self, mailbox: MailboxId, before: float) -> Expunged:
        """Remove messages that came to the mailbox before a time, whatever their flags and dates."""

    # Reading
    def facts(
        self, fact: Fact, bodies: Sequence[BodyId], render: Render | None = None
    ) -> AsyncIterator[Sequence[bytes | None]]:
        """Values in the order of `bodies`, in pages of some hundred; None for a body that was swept away.

        With `render` each value is what it makes of the fact. It has no effects and the same result for the same
        octets: a store may keep results, by the function, for those who come with the same one again. What another
        process swept away may still be told.
        """

    async def body(self, body: BodyId) -> StoredBody | None: ...

    async def read(self, body: BodyId, start: int = 0, length: int | None = None) -> bytes:
        """Octets of a body. Callers ask for large ones in pieces (256 KB). Raises KeyError when it was swept away."""

    async def small_bodies(self, bodies: Sequence[BodyId]) -> Sequence[bytes | None]:
        """Whole bodies in order, None where one is too large for a row or gone: those are read by range."""

    async def search(self, opened: Opened, query: Query) -> Sequence[int]:
        """Rows of `opened.columns` (as they are when this is called) that match, ascending."""

    # Sieve
    @property
    def scripts(self) -> Scripts:
        """Its Sieve scripts."""

    @property
    def decisions(self) -> Decisions:
        """What scripts decide when mail comes."""

    # Activity
    async def waiting_events(self) -> tuple[Sequence[Event], int]:
        """Some events of delivered messages that nobody has carried to the activity log yet, the oldest first; and
        what to tell `forget_events` when they are there."""

    async def forget_events(self, last: int) -> None:
        """Forget the events that came with this number, and those before."""

    # Quota
    async def usage(self) -> Usage: ...

    async def set_quota(self, bytes_limit: int | None, messages_limit: int | None) -> None: ...


class MailStore(Protocol):
    """The mail of all accounts."""

    async def mail(self, account: AccountId) -> Mail:
        """Open (or make, with INBOX and the special-use mailboxes) the mail of an account."""

    async def remove(self, account: AccountId) -> None:
        """Erase all mail of an account."""

    async def accounts(self) -> Sequence[AccountId]:
        """Every account that has mail here, also those that the directory has forgotten."""

    async def look(self) -> None:
        """Tell the listeners here of what other processes committed to open mailboxes and no hint has told of.

        Called every second: hints are quick, this makes them sure.
        """

    def take_eventful(self) -> Sequence[AccountId]:
        """The accounts that got events through this process since this was asked last."""

    async def sweep(self) -> None:
        """Remove what was let go some time ago; called every few minutes, by one process."""

    async def check(self, account: AccountId) -> Sequence[str]:
        """A sentence for each fault in the mail of an account; empty when all is well. Reads every body."""

    async def close(self) -> None: ...
