# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a message between the end of its body and the 250 that answers it.

The steps, in order: mail for elsewhere goes to the queue; the message is scanned; each mailbox gets it, in the folder
that its filing says or as its scripts decide; what failed after something else was committed goes to the queue for
local retries. Nothing is answered before it is durable.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from enum import Enum
from functools import partial

from ikserver.accounts.api import Deliver, Forward
from ikserver.delivery.bodies import Bodies
from ikserver.delivery.envelope import Arrived, Recipient
from ikserver.delivery.filing import Filing, Incoming, PolicyFiling
from ikserver.delivery.placing import Placing
from ikserver.delivery.scripts.letter import Letter
from ikserver.delivery.scripts.scripting import Scripting, ScriptRefused
from ikserver.delivery.story import Story
from ikserver.model.activity import Event
from ikserver.model.ids import AccountId
from ikserver.model.mail import Body
from ikserver.store.api.errors import NoRoom, OverQuota
from ikserver.store.api.mail import MailStore
from ikserver.store.api.queue import Queue, QueuedMessage, QueuedRecipient
from protocols.smtp.received import delivered_to

logger = logging.getLogger("ikserver.delivery")

Onward = Callable[[str, str], Awaitable[str]]
"""The sender of what an address of ours redirects, from the sender of what came and that address."""

Delivered = Callable[[Arrived, Sequence[Recipient]], Awaitable[None]]
"""Told of the recipients whose mailboxes have the message. Raises nothing."""

Failures = dict[AccountId, Exception | None]
"""By account: why its mailbox did not get the message, None where it did."""


class Obstacle(Enum):
    """Why nobody got a message."""

    MAILBOX_FULL = "mailbox full"
    NO_ROOM = "no room on the disk"
    FAILED = "delivery failed"
    REFUSED = "refused by a script"


class NotAccepted(Exception):
    """Nobody got the message and nothing is kept of it. `refused` is what a script says."""

    def __init__(self, obstacle: Obstacle, refused: ScriptRefused | None = None) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle
        self.refused = refused


async def unchanged(sender: str, by: str) -> str:
    """An Onward for servers that are trusted to send for others."""
    return sender


class Inbound:
    """Accepts messages for the mailboxes of `mail` and, through `queue`, for everyone else."""

    def __init__(
        self,
        mail: MailStore,
        queue: Queue,
        threads: Executor,
        filing: Filing | None = None,
        onward: Onward = unchanged,
        delivered: Delivered | None = None,
        scripting: Scripting | None = None,
    ) -> None:
        """Without `filing` no filter looks at the contents; without `scripting` nobody has scripts."""
        self._placing = Placing(mail, scripting)
        self._filing = filing or PolicyFiling(mail)
        self._queue = queue
        self._threads = threads
        self._onward = onward
        self._delivered = delivered

    async def accept(self, message: Arrived) -> None:
        """One answer for all recipients (RFC 5321, 4.2.5). Durable on return. Raises NotAccepted."""
        outcome = (await self._settle(message, [message.recipients]))[0]
        if outcome is not None:
            raise outcome

    async def accept_each(self, message: Arrived) -> Sequence[NotAccepted | None]:
        """One answer a recipient, in their order (RFC 2033, 4.2); None for those who have it, durably."""
        return await self._settle(message, [[recipient] for recipient in message.recipients])

    async def held(self, submitter: str) -> int:
        """Octets of what waits for the time that an address of ours has asked for (RFC 4865, 6)."""
        return await self._queue.held(submitter)

    async def _settle(self, message: Arrived, groups: Sequence[Sequence[Recipient]]) -> list[NotAccepted | None]:
        """One outcome a group: a group has the message when one of its members has it, and the queue the rest."""
        bodies = Bodies(message, self._threads)
        try:
            story = Story(message)
            if message.release > message.seconds:
                await self._hold(message, bodies, story)
                return [None for _ in groups]
            await self._queue_elsewhere(message, bodies, story)
            failures = await self._deliver(message, bodies, story, groups)
            committed = [group for group in groups if _outcome(group, failures) is None]
            queued = await self._queue_failed(message, bodies, story, committed, failures)
            if self._delivered is not None:
                await self._delivered(message, [r for r in message.recipients if _has_it(r, failures)])
            return [_outcome(group, failures | dict.fromkeys(queued)) for group in groups]
        except Exception as error:
            obstacle = _obstacle(error)
            fields = {"id": message.id, "obstacle": obstacle.value}
            logger.error("not-accepted", exc_info=obstacle is Obstacle.FAILED, extra={"fields": fields})
            return [NotAccepted(obstacle) for _ in groups]
        finally:
            await bodies.close()

    async def _queue_elsewhere(self, message: Arrived, bodies: Bodies, story: Story) -> None:
        """First of all: when this fails nobody has the message, and the client may safely send it again."""
        queued = await self._for_elsewhere(message, bodies, story)
        if queued:
            await self._queue.put(*queued)

    async def _hold(self, message: Arrived, bodies: Bodies, story: Story) -> None:
        """Everything waits in the queue for its time, also what is for mailboxes of ours."""
        queued = await self._for_elsewhere(message, bodies, story)
        mailboxes = _mailboxes(message.recipients).values()
        if mailboxes:
            waiting = [(to, story.waiting(to, "held for later", full=False)) for to in mailboxes]
            ours = [replace(_local(to, message.recipients, event), quiet=True) for to, event in waiting]
            events = tuple(event for to in mailboxes for event in story.held(to))
            queued.append(_queued(message, ours, await bodies.for_mailbox(), events))
        await self._queue.put(*queued)

    async def _for_elsewhere(self, message: Arrived, bodies: Bodies, story: Story) -> list[QueuedMessage]:
        events = tuple(event for recipient in message.recipients for event in story.redirected(recipient))
        queued: list[QueuedMessage] = []
        for (sender, by), recipients in (await self._elsewhere(message, story)).items():
            body = await bodies.for_elsewhere(delivered_to(by) if by else b"")
            part = _queued(message, recipients, body, () if queued else events)
            queued.append(replace(part, sender=sender))
        return queued

    async def _elsewhere(self, message: Arrived, story: Story) -> Mapping[tuple[str, str], list[QueuedRecipient]]:
        """By the sender under which it goes on and the address of ours that redirects it, "" for none; each address
        once."""
        found: dict[str, QueuedRecipient] = {}
        parts: defaultdict[tuple[str, str], list[QueuedRecipient]] = defaultdict(list)
        for recipient in message.recipients:
            for to in recipient.elsewhere:
                if to.address in found:
                    continue
                queued = QueuedRecipient(to.address, recipient.notify, recipient.orcpt, event=story.queued(to))
                found[to.address] = queued
                way = message.sender, ""
                if isinstance(to, Forward):
                    way = await self._onward(message.sender, to.by), to.by
                parts[way].append(queued)
        return parts

    async def _deliver(
        self, message: Arrived, bodies: Bodies, story: Story, groups: Sequence[Sequence[Recipient]]
    ) -> Failures:
        deliveries = _mailboxes(message.recipients)
        if not deliveries:
            return {}
        await bodies.rewrite_header(self._filing.rewritten)
        incoming = Incoming(message, await bodies.examined(), await bodies.scan(), story.author)
        alone = _alone(groups)
        attempts = (self._attempt(delivery, incoming, bodies, story, alone) for delivery in deliveries.values())
        if len(deliveries) == 1:
            return {next(iter(deliveries)): await next(attempts)}
        # At once: deliveries to one account that come at the same time share a commit.
        return dict(zip(deliveries, await asyncio.gather(*attempts), strict=True))

    async def _attempt(
        self, to: Deliver, incoming: Incoming, bodies: Bodies, story: Story, alone: Collection[AccountId]
    ) -> Exception | None:
        """Why the mailbox did not get the message; None when it has it."""
        try:
            filed = await self._filing.file(incoming, to, story.recipients(to))
            told = partial(story.delivered, to)
            await self._placing.put(Letter(incoming, to, filed, bodies, told, refusable=to.account in alone))
        except ScriptRefused as refused:
            logger.info("refused-by-script", extra={"fields": {"id": incoming.message.id, "account": to.account}})
            return refused
        except Exception as error:
            fields = {"id": incoming.message.id, "account": to.account, "reason": _reason(error)}
            logger.warning("delivery-failed", extra={"fields": fields})
            return error
        return None

    async def _queue_failed(
        self,
        message: Arrived,
        bodies: Bodies,
        story: Story,
        committed: Sequence[Sequence[Recipient]],
        failures: Failures,
    ) -> Collection[AccountId]:
        """The client hears 250 for these, so they are ours to try again, and never to forget. Returns which failed."""
        kept = _mailboxes([recipient for group in committed for recipient in group])
        failed = {account: error for account in kept if (error := failures[account]) is not None}
        if failed:
            recipients = [
                _waiting(kept[account], message.recipients, error, story) for account, error in failed.items()
            ]
            await self._queue.put(_queued(message, recipients, await bodies.for_mailbox()))
        return failed


def _mailboxes(recipients: Sequence[Recipient]) -> dict[AccountId, Deliver]:
    """Each mailbox once, however many of the recipients lead to it."""
    return {delivery.account: delivery for recipient in recipients for delivery in recipient.deliveries}


def _alone(groups: Sequence[Sequence[Recipient]]) -> Collection[AccountId]:
    """The mailboxes about which alone somebody gets an answer: what they do not take can be refused."""
    found: dict[AccountId, bool] = {}
    for group in groups:
        mailboxes = _mailboxes(group)
        alone = len(mailboxes) == 1 and not any(recipient.elsewhere for recipient in group)
        for account in mailboxes:
            found[account] = alone and found.get(account, True)
    return {account for account, alone in found.items() if alone}


def _waiting(to: Deliver, recipients: Sequence[Recipient], error: Exception, story: Story) -> QueuedRecipient:
    return _local(to, recipients, story.waiting(to, _reason(error), full=isinstance(error, OverQuota)))


def _local(to: Deliver, recipients: Sequence[Recipient], event: Event) -> QueuedRecipient:
    """An entry for a mailbox, with the wishes for the first recipient that leads there."""
    given = next(recipient for recipient in recipients if to in recipient.deliveries)
    return QueuedRecipient(to.address, given.notify, given.orcpt, to.account, event)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _has_it(recipient: Recipient, failures: Failures) -> bool:
    """Whether it ends in mailboxes of ours, and each of them got it."""
    return bool(recipient.deliveries) and all(failures[to.account] is None for to in recipient.deliveries)


def _outcome(group: Sequence[Recipient], failures: Failures) -> NotAccepted | None:
    found = [failures[account] for account in _mailboxes(group)]
    if None in found or any(recipient.elsewhere for recipient in group):
        return None
    if found and isinstance(found[0], ScriptRefused):
        return NotAccepted(Obstacle.REFUSED, found[0])
    obstacles = {_obstacle(failure) for failure in found if failure is not None}
    return NotAccepted(obstacles.pop() if len(obstacles) == 1 else Obstacle.FAILED)


def _obstacle(error: Exception) -> Obstacle:
    """Bodies are linked and copied in the spool, which is on the store's disk."""
    match error:
        case OverQuota():
            return Obstacle.MAILBOX_FULL
        case NoRoom() | OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return Obstacle.NO_ROOM
        case _:
            return Obstacle.FAILED


def _queued(
    message: Arrived, recipients: Sequence[QueuedRecipient], body: Body, events: tuple[Event, ...] = ()
) -> QueuedMessage:
    return QueuedMessage(
        message.sender,
        recipients,
        body,
        ret=message.ret,
        envid=message.envid,
        body_type=message.body_type,
        smtputf8=message.smtputf8,
        tls=message.tls,
        events=events,
        submitter=message.origin.submitter,
        not_before=math.ceil(message.release),
        hold=message.hold,
    )
