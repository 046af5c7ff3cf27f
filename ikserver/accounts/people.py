# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking an address from a person ends what the person's devices do with it, at once."""

from __future__ import annotations

from ikserver.changes import Changes
from ikserver.model.changes import Revoked
from ikserver.model.ids import AccountId, PersonId
from ikserver.store.api.directory import Directory


async def detach(directory: Directory, changes: Changes, person: PersonId, account: AccountId) -> None:
    """Detach a person from an address, with the device passwords made for them. Raises NotFound."""
    devices = [device for device in await directory.devices.list(account) if device.person == person]
    await directory.people.detach(person, account)
    for device in devices:
        changes.publish(Revoked(account, device.id))


async def remove_person(directory: Directory, changes: Changes, person: PersonId) -> None:
    """Remove a person with the device passwords made for them. Raises CannotChange for a last representative."""
    accounts = [account.id for account in await directory.accounts.list()]
    devices = [d for account in accounts for d in await directory.devices.list(account) if d.person == person]
    await directory.people.remove(person)
    for device in devices:
        changes.publish(Revoked(device.account, device.id))
