# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a verb means: the only organisation when it does not say, and accounts that have a mailbox."""

from __future__ import annotations

from ikserver.accounts.lifecycle import check_mailbox
from ikserver.cli.refusal import Refused
from ikserver.model.account import Account, Organisation
from ikserver.store.api.directory import Directory


async def meant_organisation(directory: Directory, name: str | None) -> Organisation:
    """The organisation of that name, or the only one. Raises NotFound, and Refused when there are several or none."""
    if name is not None:
        return await directory.organisations.find(name)
    organisations = await directory.organisations.list()
    if not organisations:
        raise Refused("there is no organisation: ikserver org add NAME")
    if len(organisations) > 1:
        known = ", ".join(organisation.name for organisation in organisations)
        raise Refused(f"which organisation? Say --org with one of: {known}")
    return organisations[0]


async def mailbox_of(directory: Directory, address: str) -> Account:
    """The account of an address that keeps mail. Raises NotFound, CannotChange."""
    account = await directory.accounts.find(address)
    check_mailbox(account)
    return account
