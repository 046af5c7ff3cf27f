# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that only redirect, and the consent of those who get their mail elsewhere (RED-02)."""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ikserver.accounts.invitationletter import Letter, written
from ikserver.accounts.passwords import SALT_OCTETS, PasswordCosts
from ikserver.accounts.redirection import check_targets
from ikserver.languages.language import language
from ikserver.model.account import Account, Consent, Invitation, Organisation, ScramSalt
from ikserver.store.api.directory import Directory
from ikserver.store.api.errors import CannotChange, NotFound
from ikserver.store.api.queue import Queue, QueuedMessage, QueuedRecipient

MAX_TARGETS = 10
DAY = 86_400
PATH = "/accept/"
TOKEN_OCTETS = 24
logger = logging.getLogger("ikserver.accounts")


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation with what the page about it tells. `ended`: it was not answered in time."""

    invitation: Invitation
    organisation: Organisation
    ended: bool


@dataclass(frozen=True, slots=True)
class Acceptances:
    """Letters go out through `queue`; their links begin with `url`, which has no path, and last `lifetime` seconds."""

    directory: Directory
    queue: Queue
    url: str
    lifetime: float = 7 * DAY
    clock: Callable[[], float] = time.time

    async def add(self, address: str, targets: Sequence[str]) -> None:
        """A new address without a mailbox. Raises CannotChange for too many of them, and what `change` raises; then
        there is none."""
        directory = self.directory
        domain = await directory.domains.find(address.rpartition("@")[2])
        organisation = next(each for each in await directory.organisations.list() if each.id == domain.organisation)
        ours = {each.id for each in await directory.domains.list() if each.organisation == organisation.id}
        others = [
            account for account in await directory.accounts.list() if not account.mailbox and account.domain in ours
        ]
        if len(others) >= organisation.max_redirections:
            raise CannotChange(
                f"{organisation.name} may have {organisation.max_redirections} addresses without a mailbox"
            )
        # Nobody ever signs in, and by the salt nobody sees that.
        salt = ScramSalt(secrets.token_bytes(SALT_OCTETS), PasswordCosts().iterations)
        account = await directory.accounts.add(address, "", salt, mailbox=False)
        try:
            await self.change(account, targets)
        except BaseException:
            await directory.accounts.remove(account.id)
            raise

    async def change(self, account: Account, targets: Sequence[str]) -> None:
        """Redirect to others; who is new and elsewhere is asked. Raises CannotChange for too many, for one that comes
        back to the account, and for one of ours that does not exist."""
        await check_targets(self.directory, account, targets, MAX_TARGETS)
        lookup = self.directory.domains.lookup
        granted = [target for target in targets if await lookup(target.rpartition("@")[2]) is not None]
        for target in await self.directory.invitations.want(account.id, targets, granted):
            await self._ask(account, target)

    async def invite(self, account: Account, target: str) -> None:
        """Ask again, with a new link; the old one ends. Raises NotFound, and CannotChange for who has accepted."""
        known = {each.target: each for each in await self.directory.invitations.of_account(account.id)}
        if target in account.targets:
            raise CannotChange(f"{target} gets the mail of {account.address} already")
        if target not in known:
            raise NotFound(f"{account.address} is not redirected to {target}")
        await self._ask(account, target)

    async def find(self, token: str) -> Asked | None:
        """What a link is about. None for one that never was, or that a newer one has replaced."""
        invitation = await self.directory.invitations.find(_digest(token))
        if invitation is None:
            return None
        organisation = await self.directory.organisations.of_account(invitation.account)
        ended = invitation.consent is Consent.WAITING and invitation.expires <= self.clock()
        return Asked(invitation, organisation, ended)

    async def answer(self, token: str, consent: Consent) -> bool:
        """Keep what the target says: once, and in time, or it is False."""
        counted = await self.directory.invitations.answer(_digest(token), consent, int(self.clock()))
        if counted:
            logger.info("redirection-answered", extra={"fields": {"consent": consent.value}})
        return counted

    async def _ask(self, account: Account, target: str) -> None:
        token, now = secrets.token_urlsafe(TOKEN_OCTETS), self.clock()
        expires = int(now + self.lifetime)
        organisation = await self.directory.organisations.of_account(account.id)
        author = f"postmaster@{account.address.rpartition('@')[2]}"
        link = f"{self.url}{PATH}{token}"
        letter = Letter(author, organisation.name, account.address, target, link, expires)
        body = written(letter, language(organisation.language), now)
        await self.directory.invitations.ask(account.id, target, _digest(token), expires)
        recipient = QueuedRecipient(target)
        utf8 = not target.isascii()
        # What comes back goes to whoever reads postmaster@.
        await self.queue.put(
            QueuedMessage(author, [recipient], body, body_type="7BIT", smtputf8=utf8, submitter=author)
        )


def _digest(token: str) -> bytes:
    """Who reads the database cannot make the link; the token is random enough to need no salt."""
    return hashlib.sha256(token.encode()).digest()
