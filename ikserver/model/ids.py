# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for numbers, so that mypy tells an account from a mailbox."""

from __future__ import annotations

from typing import NewType

OrganisationId = NewType("OrganisationId", int)
PersonId = NewType("PersonId", int)
DomainId = NewType("DomainId", int)
AccountId = NewType("AccountId", int)
"""One mailbox address that keeps mail: a row of the directory and a folder of its own in the store."""
DevicePasswordId = NewType("DevicePasswordId", int)

MailboxId = NewType("MailboxId", int)
"""A folder of one account. Unique within the account and never used twice."""
BodyId = NewType("BodyId", int)
"""The stored octets of a message and what was computed of them. Copies of a message share one."""
Uid = NewType("Uid", int)
ModSeq = NewType("ModSeq", int)
