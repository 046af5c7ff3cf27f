# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that scripts send, from the accounts where it waits into the queue: once, whoever dies in between."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from ikserver.accounts.api import Deliver, Local, Router
from ikserver.accounts.names import canonical
from ikserver.delivery.bodies import Bodies
from ikserver.delivery.envelope import Arrived
from ikserver.model.activity import Direction
from ikserver.model.ids import AccountId
from ikserver.model.mail import Body, SpooledFile
from ikserver.model.scripts import Post, WaitingPost
from ikserver.store.api.mail import MailStore
from ikserver.store.api.queue import Queue, QueuedMessage, QueuedRecipient
from protocols.smtp.received import return_path

logger = logging.getLogger("ikserver.delivery")


@dataclass(frozen=True, slots=True)
class Carrier:
    """`spool` is on the file system of the mail and the queue."""

    mail: MailStore
    queue: Queue
    router: Router
    spool: Path
    threads: Executor

    async def carry_from(self, accounts: Sequence[AccountId]) -> None:
        """What waits in these accounts. What fails is logged, and waits for the next time."""
        for account in accounts:
            try:
                await self._carry_from(account)
            except Exception:
                logger.exception("posts-wait", extra={"fields": {"account": account}})

    async def _carry_from(self, account: AccountId) -> None:
        decisions = (await self.mail.mail(account)).decisions
        while waiting := await decisions.waiting_posts():
            for post in waiting:
                await self._carry(post)
                await decisions.forget_post(post)

    async def _carry(self, waiting: WaitingPost) -> None:
        post = waiting.post
        ours, others = await self._destinations(post)
        body = await self._own_body(post.body)
        bodies = Bodies(Arrived("", post.sender, (), body, 0, 0.0), self.threads)
        try:
            messages = []
            if ours:
                # Whoever delivers it at last adds this (RFC 5321, 4.4).
                with_path = await bodies.for_elsewhere(return_path(post.sender))
                messages.append(_message(post, ours, with_path))
            if others:
                messages.append(_message(post, others, await bodies.for_elsewhere()))
            await self.queue.put_once(waiting.key, *messages)
        finally:
            await bodies.close()

    async def _destinations(self, post: Post) -> tuple[list[QueuedRecipient], list[QueuedRecipient]]:
        """Mailboxes of ours, and addresses elsewhere; an address of ours that is not there is told to the sender as
        any other that the next server refuses."""
        ours: list[QueuedRecipient] = []
        others: list[QueuedRecipient] = []
        for recipient in post.recipients:
            route = await self.router.route(recipient)
            if isinstance(route, Local):
                ours += [_local(post, to) for to in route.deliveries]
                others += [_elsewhere(post, to.address) for to in route.forwards]
            else:
                others.append(_elsewhere(post, recipient))
        return ours, others

    async def _own_body(self, body: Body) -> Body:
        """The account's file stays where it is until the post is forgotten."""
        if not isinstance(body, SpooledFile):
            return body
        path = self.spool / f"post.{secrets.token_hex(8)}"
        await asyncio.get_running_loop().run_in_executor(self.threads, os.link, body.path, path)
        return SpooledFile(path, body.size)


def _elsewhere(post: Post, address: str) -> QueuedRecipient:
    event = None if post.event is None else post.event._replace(recipient=canonical(address))
    return QueuedRecipient(address, post.notify, post.orcpt, event=event)


def _local(post: Post, to: Deliver) -> QueuedRecipient:
    """What becomes of it there is for the log of that mailbox."""
    event = post.event
    if event is not None:
        event = event._replace(direction=Direction.RECEIVED, address=to.address, recipient=to.address)
    return QueuedRecipient(to.address, post.notify, post.orcpt, to.account, event, quiet=True)


def _message(post: Post, recipients: Sequence[QueuedRecipient], body: Body) -> QueuedMessage:
    return QueuedMessage(
        post.sender,
        recipients,
        body,
        ret=post.ret,
        envid=post.envid,
        smtputf8=post.smtputf8,
        submitter=post.author,
        tls=post.tls,
    )
