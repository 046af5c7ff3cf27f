# SPDX-License-Identifier: GPL-3.0-or-later
"""What senders are told of their mail: failures, delays and, when they asked, that it arrived or was passed on."""

from __future__ import annotations

import logging
import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from ikserver.accounts.api import Deliver, Elsewhere, Local, Route, Router
from ikserver.accounts.names import canonical
from ikserver.delivery.envelope import Arrived, Recipient
from ikserver.delivery.mapped import read_mapped
from ikserver.model.activity import Direction, Event, Status
from ikserver.model.mail import Body, SpooledFile
from ikserver.model.tls import TlsWish
from ikserver.store.api.queue import Claimed, Queue, QueuedMessage, QueuedRecipient
from protocols.smtp.dsn import Action, RecipientReport, Report, render
from protocols.smtp.received import header_of, return_path

logger = logging.getLogger("ikserver.outbound")

WHOLE = 50_000
"""Octets of a message that is sent back whole; of larger ones the header has to do."""
MAX_HEADER = 32 * 1024

Token = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Told:
    """Something to tell of one recipient."""

    action: Action
    about: RecipientReport


@dataclass(frozen=True, slots=True)
class _About:
    """The message that is reported on; `original` is its start, or all of it where it is `whole`."""

    sender: str
    ret: str
    envid: str
    arrived: float
    original: bytes
    whole: bool
    tls: TlsWish
    hold: str


def wants(notify: str, action: Action) -> bool:
    """RFC 3461, 4.1: without a wish, failures and delays are told."""
    word = {Action.FAILED: "FAILURE", Action.DELAYED: "DELAY"}.get(action, "SUCCESS")
    return word in notify.split(",") if notify else action in (Action.FAILED, Action.DELAYED)


class Reports:
    """Writes reports as messages for the queue. `token` makes a text that is like no other, of that many octets."""

    def __init__(
        self, host: str, queue: Queue, router: Router, threads: Executor, token: Token = secrets.token_hex
    ) -> None:
        self._host = host
        self._queue = queue
        self._router = router
        self._threads = threads
        self._token = token

    async def on(self, message: Claimed, told: Sequence[Told], now: float) -> Sequence[QueuedMessage]:
        """A report an action. Nothing is reported to the null sender (RFC 3461, 6.1)."""
        if not message.sender or not told:
            return []
        original, whole = await self._original(message)
        about = _about(message, message.queued, original, whole=whole)
        return await self._written(about, told, now)

    async def on_delivery(self, message: Arrived, recipients: Sequence[Recipient]) -> None:
        """Tell the sender that mailboxes of ours have it, where that was asked for (RFC 3461, 5.2.3). Never raises: the
        message is delivered, whatever becomes of the report."""
        wanting = [recipient for recipient in recipients if wants(recipient.notify, Action.DELIVERED)]
        if not message.sender or not wanting:
            return
        try:
            start = await self._start(message.body, message.return_path + MAX_HEADER)
            original = header_of(start[message.return_path :])
            about = _about(message, message.seconds, original, whole=False)
            told = [Told(Action.DELIVERED, _delivered(recipient, message.seconds)) for recipient in wanting]
            await self._queue.put(*await self._written(about, told, message.seconds))
        except Exception:
            logger.exception("report-failed", extra={"fields": {"id": message.id}})

    async def _written(self, about: _About, told: Sequence[Told], now: float) -> list[QueuedMessage]:
        by_action: dict[Action, list[RecipientReport]] = defaultdict(list)
        for each in told:
            by_action[each.action].append(each.about)
        route = await self._router.route(about.sender)
        found: list[QueuedMessage] = []
        for action, recipients in by_action.items():
            whole = about.whole and (action is Action.FAILED or about.ret == "FULL")
            report = Report(
                host=self._host,
                to=about.sender,
                action=action,
                recipients=recipients,
                arrived=about.arrived,
                envid=about.envid,
                original=about.original if whole else header_of(about.original),
                whole=whole,
                id=self._token(12),
                boundary=f"={self._token(12)}",
                now=now,
                hold=about.hold,
            )
            found += _addressed(report, route, about.tls)
        return found

    async def _original(self, message: Claimed) -> tuple[bytes, bool]:
        """What is sent back, and whether it is all of the message (RFC 3461, 4.3: RET decides, else its size)."""
        try:
            body = await self._queue.body(message.message)
        except KeyError:
            return b"", False
        # RFC 8689, 5: the report may go a less safe way than the message, so it holds as little of it as possible.
        whole = message.size <= WHOLE and message.ret != "HDRS" and message.tls is not TlsWish.REQUIRED
        return await self._start(body, WHOLE if whole else MAX_HEADER), whole

    async def _start(self, body: Body, octets: int) -> bytes:
        if isinstance(body, SpooledFile):
            return await read_mapped(body.path, self._threads, lambda data: data[:octets])
        return body[:octets]


def _about(message: Claimed | Arrived, arrived: float, original: bytes, *, whole: bool) -> _About:
    return _About(message.sender, message.ret, message.envid, arrived, original, whole, message.tls, message.hold)


def _delivered(recipient: Recipient, now: float) -> RecipientReport:
    return RecipientReport(recipient.address, recipient.orcpt, "2.1.5", "Delivered", "", now)


def _addressed(report: Report, route: Route, tls: TlsWish) -> list[QueuedMessage]:
    """For mailboxes of ours and for others: both have the null sender, mailboxes see it."""
    octets = render(report)
    body_type = "7BIT" if octets.isascii() else "8BITMIME"
    found = []
    if isinstance(route, Local):
        ours = [QueuedRecipient(to.address, account=to.account, event=_event(report, to)) for to in route.deliveries]
        others = [QueuedRecipient(to.address, "NEVER", event=_event(report)) for to in route.forwards]
    else:
        elsewhere = isinstance(route, Elsewhere)
        ours, others = [], [QueuedRecipient(report.to, "NEVER", event=_event(report))] if elsewhere else []
    if ours:
        found.append(QueuedMessage("", ours, return_path("") + octets, body_type=body_type))
    if others:
        utf8 = not report.to.isascii()
        queued = QueuedMessage("", others, octets, body_type=body_type, smtputf8=utf8, submitter=report.author, tls=tls)
        found.append(queued)
    return found


def _event(report: Report, to: Deliver | None = None) -> Event:
    """The report is a message like others in the log of its mailbox. What goes elsewhere is in nobody's log, for it is
    ours, and found by its Message-ID."""
    return Event(
        time=int(report.now * 1000),
        direction=Direction.SENT if to is None else Direction.RECEIVED,
        status=Status.QUEUED,
        address="" if to is None else to.address,
        recipient=canonical(report.to),
        message=report.id,
        header_from=report.author,
        subject=report.subject,
        message_id=report.message_id,
    )
