# SPDX-License-Identifier: GPL-3.0-or-later
"""A small organisation to route mail in: a.test with alice, bob and carol."""

from __future__ import annotations

from ikserver.model.account import Account, ScramSalt
from ikserver.store.api.directory import Directory

SALT = ScramSalt(b"0123456789abcdef", 4096)


async def populate(directory: Directory, *names: str, domain: str = "a.test") -> dict[str, Account]:
    """A domain of an organisation of its own, with an account for each name."""
    organisation = await directory.organisations.add(domain)
    await directory.domains.add(domain, organisation.id)
    return {name: await directory.accounts.add(f"{name}@{domain}", name.title(), SALT) for name in names}
