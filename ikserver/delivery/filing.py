# SPDX-License-Identifier: GPL-3.0-or-later
"""Into which mailbox of an account an arrived message goes."""

from __future__ import annotations

from dataclasses import dataclass

from ikserver.delivery.envelope import Arrived
from ikserver.model.activity import Status
from ikserver.model.authentication import Disposition
from ikserver.model.mail import SpecialUse
from ikserver.store.api.mail import Mail


@dataclass(frozen=True, slots=True)
class Place:
    """The mailbox, and what the activity log is told."""

    mailbox: str = "INBOX"
    status: Status = Status.RECEIVED


async def place(mail: Mail, message: Arrived) -> Place:
    r"""What its author's domain wants kept apart (DMARC) goes to the mailbox with \Junk, where there is one."""
    results = message.authenticated
    if results is None or results.disposition is not Disposition.QUARANTINE:
        return Place()
    junk = (mailbox.name for mailbox in await mail.mailboxes() if mailbox.special_use is SpecialUse.JUNK)
    return Place(next(junk, "INBOX"), Status.SPAM)
