# SPDX-License-Identifier: GPL-3.0-or-later
"""Filing by the spam filter's verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ikserver.accounts.api import Deliver
from ikserver.accounts.names import canonical, split_detail
from ikserver.delivery.filing import INBOX, Filed, Incoming, junk_folder
from ikserver.delivery.scanning import Scanning
from ikserver.model.account import Account
from ikserver.model.activity import Status
from ikserver.model.spam import Household
from ikserver.spam.api import Examined
from ikserver.spam.headers import disowned, fields
from ikserver.spam.households import Households
from ikserver.spam.lists import Senders
from ikserver.spam.screening import Screening, Sifted, with_scan
from ikserver.store.api.directory import Directory
from ikserver.store.api.mail import MailStore


@dataclass(frozen=True, slots=True)
class SpamFiling:
    r"""Spam goes to the folder with \Junk where the filter of the address is on; every message gets its score."""

    directory: Directory
    households: Households
    mail: MailStore
    screening: Screening
    scanning: Scanning | None = None
    """Asked about what waited in the queue; what comes in was scanned already."""

    def rewritten(self, header: bytes) -> bytes:
        return disowned(header)

    async def file(self, incoming: Incoming, to: Deliver, recipients: Sequence[str]) -> Filed:
        household = await self.households.of(to.account)
        direct = to.address in recipients
        written_to = household if direct else await self._written_to(household, recipients)
        sifted = await self.sift(incoming, household, written_to)
        verdict = sifted.verdict
        folder = await junk_folder(self.mail, to.account) if verdict.spam and sifted.on else INBOX
        status = Status.RECEIVED if folder == INBOX else Status.SPAM
        return Filed(folder, fields(verdict), status, verdict)

    async def sift(self, incoming: Incoming, household: Household, written_to: Household | None = None) -> Sifted:
        """The verdict for one address; the lists are those of `written_to` where that is another one.

        Raises FilterDown when mail shall wait.
        """
        message = incoming.message
        senders = Senders(incoming.author, canonical(message.sender), incoming.authentic)
        examined = Examined(household, incoming.octets, incoming.scan, len(incoming.octets) == message.size)
        sifted = await self.screening.sift(examined, senders, written_to or household, message.authenticated)
        if self.scanning is None:
            return sifted
        return with_scan(sifted, message.scanned or await self.scanning.look(message.id, incoming.octets))

    async def _written_to(self, household: Household, recipients: Sequence[str]) -> Household:
        """Where one of several leads here without a redirection, that one."""
        accounts = []
        for recipient in recipients:
            target = await self.directory.addresses.resolve(split_detail(canonical(recipient))[0])
            accounts.append(target.id if isinstance(target, Account) else household.account)
        if household.account in accounts or not accounts:
            return household
        return await self.households.of(accounts[0])
