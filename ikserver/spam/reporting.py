# SPDX-License-Identifier: GPL-3.0-or-later
"""What people say of a message: it is spam, or it is not (SPM-06 to SPM-09). Each does three things, and can be undone:
the message moves, its sender goes on a list, the filter learns."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from ikserver.model.account import Account
from ikserver.model.ids import BodyId, MailboxId, Uid
from ikserver.model.mail import SpecialUse
from ikserver.model.spam import Household, Listed, Receipt, Reported, Side
from ikserver.spam.households import Households
from ikserver.spam.learning import EXAMINED, Learning
from ikserver.spam.moves import bodies_of
from ikserver.spam.suspects import listable
from ikserver.store.api.directory import Directory
from ikserver.store.api.mail import Mail


class NotPossible(Exception):
    """The text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """The functions behind the buttons and the command line."""

    directory: Directory
    households: Households
    learning: Learning
    clock: Callable[[], float] = time.time

    async def report(self, account: Account, mailbox: str | None, uids: Sequence[Uid]) -> Receipt:
        """It is spam; None is the inbox. Raises NotPossible, NoSuchMailbox."""
        mail = await self.learning.mail.mail(account.id)
        return await self._say(account, mail, mailbox or "INBOX", await _junk(mail), uids, spam=True)

    async def not_spam(self, account: Account, mailbox: str | None, uids: Sequence[Uid]) -> Receipt:
        """It is none; None is the spam folder. Raises NotPossible, NoSuchMailbox."""
        mail = await self.learning.mail.mail(account.id)
        return await self._say(account, mail, mailbox or await _junk(mail), "INBOX", uids, spam=False)

    async def undo(self, account: Account, number: int) -> None:
        """Everything is as before, as far as the messages are still there. Raises NotPossible."""
        store = self.learning.store
        receipt = await store.take_receipt(account.id, number)
        if receipt is None:
            raise NotPossible(f"there is no report {number} to undo")
        mail = await self.learning.mail.mail(account.id)
        await _move(mail, receipt.target, receipt.source, [Uid(one.uid) for one in receipt.messages])
        await store.change_lists(receipt.removed, receipt.added, account=account.id)
        household = await self.households.of(account.id)
        by_lesson: defaultdict[bool | None, list[BodyId]] = defaultdict(list)
        for one in receipt.messages:
            by_lesson[one.learned_before].append(one.body)
        for spam, bodies in by_lesson.items():
            await self.learning.learn(household, bodies, spam)

    async def _say(
        self, account: Account, mail: Mail, source: str, target: str, uids: Sequence[Uid], *, spam: bool
    ) -> Receipt:
        household = await self.households.of(account.id)
        if not (await self.learning.store.profile(household)).on:
            raise NotPossible(f"the spam filter of {account.address} is off: switch it on first")
        bodies = await bodies_of(mail, source, uids)
        if not bodies:
            raise NotPossible(f"there are no such messages in {source}")
        senders = await self._senders(mail, household, account, bodies.values())
        before = await self.learning.learn(household, list(bodies.values()), spam)
        moved = await _move(mail, source, target, list(bodies))
        added, removed = await self._list(account, senders, Side.BLOCKED if spam else Side.ALLOWED)
        messages = tuple(
            Reported(moved.get(uid, uid), body, known)
            for (uid, body), known in zip(bodies.items(), before, strict=True)
        )
        receipt = Receipt(account.id, spam, source, target, messages, tuple(added), tuple(removed))
        return await self.learning.store.keep_receipt(receipt, int(self.clock()))

    async def _senders(
        self, mail: Mail, household: Household, account: Account, bodies: Iterable[BodyId]
    ) -> dict[str, None]:
        """Those that may go on a list, each once."""
        aliases = await self.directory.addresses.aliases()
        own = {account.address, *(alias.address for alias in aliases if alias.account == account.id)}
        every = await self.directory.domains.list()
        domains = {domain.name for domain in every if domain.organisation == household.organisation}
        found = [listable(await mail.read(body, 0, EXAMINED), own, domains) for body in bodies]
        return dict.fromkeys(sender for sender in found if sender is not None)

    async def _list(
        self, account: Account, senders: Collection[str], side: Side
    ) -> tuple[Sequence[Listed], Sequence[Listed]]:
        """On this list, and no longer on the other one."""
        other = Side.ALLOWED if side is Side.BLOCKED else Side.BLOCKED
        add, remove = [Listed(side, one) for one in senders], [Listed(other, one) for one in senders]
        return await self.learning.store.change_lists(add, remove, account=account.id)


async def _junk(mail: Mail) -> str:
    junk = [mailbox.name for mailbox in await mail.mailboxes() if mailbox.special_use is SpecialUse.JUNK]
    if not junk:
        raise NotPossible("there is no spam folder")
    return junk[0]


async def _move(mail: Mail, source: str, target: str, uids: Sequence[Uid]) -> dict[Uid, Uid]:
    """The new numbers by the old ones."""
    boxes: dict[str, MailboxId] = {one.name: one.id for one in await mail.mailboxes()}
    if source == target or source not in boxes or target not in boxes:
        return {}
    copied, _ = await mail.move(boxes[source], uids, boxes[target])
    return dict(zip(copied.source, copied.target, strict=True))
