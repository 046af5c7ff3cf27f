# SPDX-License-Identifier: GPL-3.0-or-later
"""Ann and Bob of example.org with their scripts, on real stores: mail goes in, and one looks where it went."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ikserver.accounts.api import Local
from ikserver.app.filtering import filtering
from ikserver.app.outbound import local_retry
from ikserver.app.routing import router
from ikserver.app.scripts import scripting
from ikserver.app.stores import Stores, open_stores
from ikserver.delivery.envelope import Arrived, Origin, Recipient
from ikserver.delivery.inbound import Inbound, NotAccepted
from ikserver.delivery.scripts.scripting import Scripting
from ikserver.model.account import Account
from ikserver.model.activity import Event
from ikserver.model.ids import BodyId
from ikserver.model.mail import Body
from ikserver.outbound.localretry import LocalRetry
from ikserver.settings import Settings
from ikserver.store.api.queue import QueueEntry
from protocols.message import brief
from tests.accounts.world import populate

MESSAGE = b"""\
From: Eve <eve@far.test>
To: ann@example.org
Subject: Invoice 17
Message-ID: <17@far.test>
Date: Tue, 24 Nov 2026 10:00:00 +0100

Please pay.
""".replace(b"\n", b"\r\n")
"""From a stranger, who is a person."""


@dataclass
class Home:
    """What the process of a server has, without its listeners."""

    stores: Stores
    inbound: Inbound
    retry: LocalRetry
    scripting: Scripting
    ann: Account
    bob: Account

    async def script(self, text: str, account: Account | None = None) -> None:
        """The active one of Ann, or of another."""
        scripts = (await self.stores.mail.mail((account or self.ann).id)).scripts
        await scripts.put("main", text.encode())
        await scripts.activate("main")

    async def deliver(
        self,
        message: bytes | Body = MESSAGE,
        *to: str,
        sender: str = "eve@far.test",
        each: bool = True,
        submitter: str = "",
        id: str = "id",
        notify: str = "",
    ) -> list[str]:
        """By LMTP or, without `each`, by SMTP: what is answered, "" for what is taken."""
        addresses = self.scripting.carrier.router
        recipients = []
        for address in to or ("ann@example.org",):
            route = await addresses.route(address)
            assert isinstance(route, Local)
            recipients.append(Recipient(address, route, notify))
        path = b"Return-Path: <%b>\r\n" % sender.encode()
        octets = path + message if isinstance(message, bytes) else message
        about = brief(message) if isinstance(message, bytes) else brief(MESSAGE)
        origin = Origin("192.0.2.1", submitter=submitter)
        arrived = Arrived(id, sender, recipients, octets, len(path), 1_795_521_600.0, origin=origin, brief=about)
        if each:
            return [_said(outcome) for outcome in await self.inbound.accept_each(arrived)]
        try:
            await self.inbound.accept(arrived)
        except NotAccepted as refusal:
            return [_said(refusal)]
        return [""]

    async def folders(self, account: Account | None = None) -> dict[str, int]:
        """Those that have messages, with their number."""
        mail = await self.stores.mail.mail((account or self.ann).id)
        return {mailbox.name: mailbox.messages for mailbox in await mail.mailboxes() if mailbox.messages}

    async def messages(self, folder: str = "INBOX", account: Account | None = None) -> list[bytes]:
        """Their octets, in order."""
        mail = await self.stores.mail.mail((account or self.ann).id)
        opened = await mail.open(folder)
        bodies = list(opened.columns.bodies)
        opened.close()
        return [await mail.read(BodyId(body), 0, 1 << 30) for body in bodies]

    async def flags(self, folder: str = "INBOX") -> list[set[str]]:
        """Of the messages of Ann, in order."""
        opened = await (await self.stores.mail.mail(self.ann.id)).open(folder)
        found = [set(opened.flags(number)) for number in opened.columns.flagsets]
        opened.close()
        return found

    async def queued(self) -> list[tuple[str, str]]:
        """Sender and recipient of what waits."""
        return [(entry.sender, entry.recipient) for entry in await self.stores.queue.entries()]

    async def sent(self) -> list[bytes]:
        """The octets of what waits."""
        entries: list[QueueEntry] = list(await self.stores.queue.entries())
        bodies = [await self.stores.queue.body(entry.message) for entry in entries]
        return [body if isinstance(body, bytes) else body.path.read_bytes() for body in bodies]

    async def told(self, account: Account | None = None) -> list[tuple[str, str, str, str]]:
        """What waits for the activity log of an account: status, folder, target, rule."""
        events: list[Event] = list((await (await self.stores.mail.mail((account or self.ann).id)).waiting_events())[0])
        return [(event.status.value, event.folder, event.target, event.rule) for event in events]


def _said(outcome: NotAccepted | None) -> str:
    if outcome is None:
        return ""
    return outcome.refused.reason if outcome.refused else str(outcome)


@asynccontextmanager
async def home(root: Path) -> AsyncIterator[Home]:
    """Everything below `root`, made when it is not there."""
    settings = Settings(root, "mail.example.org")
    async with open_stores(settings) as stores:
        accounts = stores.directory.accounts
        if not await accounts.list():
            await populate(stores.directory, "ann", "bob", domain="example.org")
        ann, bob = [await accounts.find(f"{name}@example.org") for name in ("ann", "bob")]
        addresses, scripts = router(settings, stores), scripting(settings, stores)
        filing = filtering(settings, stores).filing
        inbound = Inbound(stores.mail, stores.queue, stores.threads, filing, addresses.onward, scripting=scripts)
        yield Home(stores, inbound, local_retry(settings, stores, filing, scripts), scripts, ann, bob)
