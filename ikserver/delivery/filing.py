# SPDX-License-Identifier: GPL-3.0-or-later
"""Where in a mailbox of ours a message goes, and the header fields that it gets on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ikserver.accounts.api import Deliver
from ikserver.accounts.names import canonical
from ikserver.delivery.envelope import Arrived
from ikserver.model.activity import Status
from ikserver.model.authentication import Disposition
from ikserver.model.ids import AccountId
from ikserver.model.mail import SpecialUse
from ikserver.model.spam import Verdict
from ikserver.store.api.mail import MailStore
from protocols.message import Scan

INBOX = "INBOX"


class Incoming(NamedTuple):
    """A message as it is filed: `octets` is its beginning, or all of it; `author` the address of From, canonical."""

    message: Arrived
    octets: bytes
    scan: Scan
    author: str

    @property
    def authentic(self) -> bool:
        """The author is who From says: his domain vouches for it, or he signed in (SND-04)."""
        message = self.message
        if message.origin.submitter:
            return self.author in (canonical(message.sender), message.origin.submitter)
        return message.authenticated is not None and message.authenticated.author_is_authentic


class Filed(NamedTuple):
    """`fields` are whole header lines for this copy of the message."""

    folder: str = INBOX
    fields: bytes = b""
    status: Status = Status.RECEIVED
    verdict: Verdict | None = None


class Filing(Protocol):
    def rewritten(self, header: bytes) -> bytes:
        """The header block as mailboxes of ours get it, without what only we may say. As long as before."""

    async def file(self, incoming: Incoming, to: Deliver, recipients: Sequence[str]) -> Filed:
        """`recipients` are the addresses written to that lead to `to`. Raises what makes the message wait."""


class PolicyFiling:
    """Looks at no contents: what its author's domain wants kept apart (DMARC) goes to Junk, all else to the inbox."""

    def __init__(self, mail: MailStore) -> None:
        self._mail = mail

    def rewritten(self, header: bytes) -> bytes:
        return header

    async def file(self, incoming: Incoming, to: Deliver, recipients: Sequence[str]) -> Filed:
        results = incoming.message.authenticated
        if results is None or results.disposition is not Disposition.QUARANTINE:
            return Filed()
        return Filed(await junk_folder(self._mail, to.account), status=Status.SPAM)


async def junk_folder(mail: MailStore, account: AccountId) -> str:
    r"""The mailbox with \Junk, INBOX where there is none (RFC 6154, 2)."""
    mailboxes = await (await mail.mail(account)).mailboxes()
    return next((mailbox.name for mailbox in mailboxes if mailbox.special_use is SpecialUse.JUNK), INBOX)
