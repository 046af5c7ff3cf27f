# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to an account from its making to its end. Sessions that are open hear of it at once."""

from __future__ import annotations

from dataclasses import dataclass

from ikserver.accounts.passwords import Passwords
from ikserver.changes import Changes
from ikserver.model.account import Account, State
from ikserver.model.changes import Revoked
from ikserver.store.api.directory import Directory
from ikserver.store.api.errors import CannotChange, NotFound
from ikserver.store.api.mail import MailStore


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many octets and messages an account may keep; 0 is no limit."""

    quota: int = 0
    max_messages: int = 0


async def add_account(
    directory: Directory,
    mail: MailStore,
    passwords: Passwords,
    address: str,
    password: str,
    *,
    name: str = "",
    quota: int | None = None,
    max_messages: int | None = None,
    usual: Allowance = Allowance(),
) -> Account:
    """Make an account with its mailboxes. `address` is canonical.

    A quota that is not given is the organisation's, or else that of `usual`. All of it is made or nothing.
    Raises Exists, NotFound when the domain is not ours, and what keeps the mail from being made.
    """
    hashed = await passwords.hash(password)
    scram = passwords.new_salt()
    keys = await passwords.keys(password, scram)
    account = await directory.accounts.add(address, name, scram, hashed, keys)
    try:
        if quota is None:
            quota = (await directory.organisations.of_account(account.id)).quota
        allowed = Allowance(
            usual.quota if quota is None else quota, usual.max_messages if max_messages is None else max_messages
        )
        await (await mail.mail(account.id)).set_quota(allowed.quota or None, allowed.max_messages or None)
    except BaseException:
        await directory.accounts.remove(account.id)
        await mail.remove(account.id)
        raise
    return account


async def set_password(
    directory: Directory, passwords: Passwords, changes: Changes, address: str, password: str
) -> None:
    """Give an account another password and end the sessions that the old one opened.

    Raises NotFound, and CannotChange when it has no mailbox.
    """
    credentials = await directory.accounts.credentials(address)
    if credentials is None:
        raise NotFound(f"there is no account {address}")
    check_mailbox(credentials.account)
    hashed = await passwords.hash(password)
    scram = passwords.salt_of(credentials)
    keys = await passwords.keys(password, scram)
    await directory.accounts.set_password(credentials.account.id, hashed, keys, scram=scram)
    changes.publish(Revoked(credentials.account.id))


def check_mailbox(account: Account) -> None:
    """Raises CannotChange when there is nothing to read."""
    if not account.mailbox:
        raise CannotChange(f"{account.address} has no mailbox: its mail only goes on to others")


async def set_state(directory: Directory, changes: Changes, account: Account, state: State) -> None:
    """Let an account in again, or disable or suspend it, which ends its sessions."""
    await directory.accounts.set_state(account.id, state)
    if state is not State.ACTIVE:
        changes.publish(Revoked(account.id))


async def remove_account(directory: Directory, mail: MailStore, changes: Changes, account: Account) -> None:
    """Erase an account and all its mail. The directory goes first: nothing more can be delivered or read."""
    await directory.accounts.remove(account.id)
    changes.publish(Revoked(account.id))
    await mail.remove(account.id)
