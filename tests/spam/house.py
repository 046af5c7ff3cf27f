# SPDX-License-Identifier: GPL-3.0-or-later
"""An organisation with Ann and Bob and its spam filter, on real databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ikserver.accounts.api import Deliver, Local
from ikserver.changes import Changes
from ikserver.delivery.envelope import Arrived, Origin, Recipient
from ikserver.delivery.filing import Filed, Incoming
from ikserver.delivery.scanning import Scanning
from ikserver.delivery.sifting import SpamFiling
from ikserver.model.account import Account
from ikserver.model.authentication import Authenticated, Dmarc
from ikserver.model.mail import Body, SpooledFile
from ikserver.model.spam import Listed, Scanned, Side, Verdict
from ikserver.spam.api import Examined, Filter, FilterDown
from ikserver.spam.classifier import Classifier
from ikserver.spam.households import Households
from ikserver.spam.screening import Screening
from ikserver.store.api.directory import Directory
from ikserver.store.api.mail import MailStore
from ikserver.store.api.spam import SpamStore
from ikserver.store.embedded import open_mail_store
from ikserver.store.embedded.directory import open_directory
from ikserver.store.embedded.spam import open_spam
from protocols.message import scan
from tests.accounts.world import populate

AUTHENTIC = Authenticated(dmarc=Dmarc(aligned=True))
STRANGER = Origin()


class Down:
    """A filter that never answers."""

    async def judge(self, message: Examined) -> Verdict:
        raise FilterDown("gone fishing")

    async def teach(self, message: Examined, spam: bool | None) -> None:
        raise FilterDown("gone fishing")


@dataclass
class House:
    """An organisation with Ann and Bob, on real databases."""

    directory: Directory
    mail: MailStore
    store: SpamStore
    ann: Account
    bob: Account

    def filing(
        self, engine: Filter | None = None, *, defer: bool = False, scanning: Scanning | None = None
    ) -> SpamFiling:
        screening = Screening(self.store, engine or Classifier(self.store), defer=defer)
        return SpamFiling(self.directory, Households(self.directory), self.mail, screening, scanning)

    async def lists(self, whose: Account | None, *lines: tuple[Side, str]) -> None:
        """Of an address, or of the organisation."""
        add = [Listed(side, pattern) for side, pattern in lines]
        organisation = await self.directory.organisations.of_account(self.ann.id)
        if whose is None:
            await self.store.change_lists(add, (), organisation=organisation.id)
        else:
            await self.store.change_lists(add, (), account=whose.id)

    def letter(self, spool: Path, text: str, *to: Account) -> Arrived:
        """From Eve to some of us, in a file when it is large."""
        octets = f"Return-Path: <eve@far.test>\r\nFrom: eve@far.test\r\nSubject: hello\r\n\r\n{text}\r\n".encode()
        body: Body = octets
        if len(octets) > 256 * 1024:
            (spool / "letter").write_bytes(octets)
            body = SpooledFile(spool / "letter", len(octets))
        routes = [Local(one.address, (Deliver(one.id, one.address),), ()) for one in to]
        return Arrived("id", "eve@far.test", [Recipient(route.address, route) for route in routes], body, 29, 5.0)

    async def file(
        self,
        text: str = "Good day.",
        *,
        to: Account | None = None,
        written_to: str = "",
        results: Authenticated | None = AUTHENTIC,
        sender: str = "eve@far.test",
        filing: SpamFiling | None = None,
        origin: Origin = STRANGER,
        octets: bytes = b"",
        scanned: Scanned | None = None,
    ) -> Filed:
        """What becomes of a letter from Eve."""
        to = to or self.ann
        octets = octets or f"From: Eve <eve@far.test>\r\nSubject: hello\r\n\r\n{text}\r\n".encode()
        delivery = Deliver(to.id, to.address, by=written_to)
        recipient = Recipient(written_to or to.address, Local(to.address, (delivery,), ()))
        message = Arrived(
            "id", sender, [recipient], octets, 0, 0.0, authenticated=results, scanned=scanned, origin=origin
        )
        incoming = Incoming(message, octets, scan(octets), "eve@far.test")
        return await (filing or self.filing()).file(incoming, delivery, [recipient.address])


@asynccontextmanager
async def opened(root: Path) -> AsyncIterator[House]:
    directory = open_directory(root)
    people = await populate(directory, "ann", "bob", domain="example.org")
    mail = open_mail_store(root, Changes())
    with ThreadPoolExecutor(1) as threads:
        store = open_spam(root, threads)
        yield House(directory, mail, store, **people)
        await store.close()
    await mail.close()
    await directory.close()
