# SPDX-License-Identifier: GPL-3.0-or-later
"""A hint that something changed. It carries no data: who hears it asks the store what is new."""

from __future__ import annotations

from dataclasses import dataclass

from ikserver.model.ids import AccountId, MailboxId, ModSeq


@dataclass(frozen=True, slots=True)
class Changed:
    """Mailbox `mailbox` of `account` has reached `modseq`. Doubled, late or lost hints do no harm."""

    account: AccountId
    mailbox: MailboxId
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class MailboxesChanged:
    """Folders of `account` were made, removed, renamed or (un)subscribed."""

    account: AccountId


@dataclass(frozen=True, slots=True)
class Revoked:
    """Sessions of `account` (those of one device password, or all when None) must end now."""

    account: AccountId
    device: int | None = None


NO_ACCOUNT = AccountId(0)
"""What hints belong to that tell the whole server."""


@dataclass(frozen=True, slots=True)
class LoginFailed:
    """Somebody did not know the password of an address. Each of the three is a digest: see accounts/throttle.py."""

    address: int
    client: int
    network: int

    @property
    def account(self) -> AccountId:
        return NO_ACCOUNT


@dataclass(frozen=True, slots=True)
class LoginForgiven:
    """Somebody failed first and then knew the password."""

    address: int
    client: int

    @property
    def account(self) -> AccountId:
        return NO_ACCOUNT


Hint = Changed | MailboxesChanged | Revoked | LoginFailed | LoginForgiven
