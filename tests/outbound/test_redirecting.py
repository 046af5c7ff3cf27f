# SPDX-License-Identifier: GPL-3.0-or-later
"""Redirected mail (RED-01) goes on under an address of ours, and what comes back to it goes to its sender."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ikserver.accounts.api import Local, Unknown
from ikserver.accounts.redirection import redirect
from ikserver.app.admitting import resolver
from ikserver.app.hop import open_hop
from ikserver.app.outbound import open_outbound
from ikserver.app.routing import router
from ikserver.app.stores import Stores, open_stores
from ikserver.delivery.envelope import Arrived, Recipient
from ikserver.delivery.inbound import Inbound
from ikserver.settings import Address, Outbound, Settings
from tests.accounts.world import SALT
from tests.outbound.far import far
from tests.support import on_loop

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"
STAMP = b"Delivered-To: alice@our.test\r\n"


@asynccontextmanager
async def house(root: Path, port: int) -> AsyncIterator[tuple[Settings, Stores]]:
    """alice@our.test, whose mail goes to alice@new.test and nowhere else; mail leaves through `port`."""
    hub = Outbound(smarthost=Address("127.0.0.1", port), smarthost_verify=False)
    settings = Settings(root, "mail.our.test", outbound=hub)
    async with open_stores(settings) as stores:
        organisation = await stores.directory.organisations.add("Ours")
        await stores.directory.domains.add("our.test", organisation.id)
        alice = await stores.directory.accounts.add("alice@our.test", "Alice", SALT)
        await redirect(stores.directory, alice, ["alice@new.test"], keep=False)
        yield settings, stores


async def arrives(settings: Settings, stores: Stores, sender: str, body: bytes = MESSAGE) -> None:
    """A message for alice, as SMTP gives it to delivery."""
    addresses = router(settings, stores)
    route = await addresses.route("alice@our.test")
    assert isinstance(route, Local)
    inbound = Inbound(stores.mail, stores.queue, stores.threads, onward=addresses.onward)
    await inbound.accept(Arrived("id", sender, [Recipient("alice@our.test", route)], body, 0, 1.0))


@on_loop
async def test_a_bounce_of_redirected_mail_reaches_its_sender(tmp_path: Path) -> None:
    refused = {"RCPT TO:<alice@new.test>": "550 5.1.1 No such user"}
    async with far(refused) as there, house(tmp_path, there.port) as (settings, stores):
        await arrives(settings, stores, "bob@far.test")
        (entry,) = await stores.queue.entries()
        assert entry.sender.startswith("SRS0=")
        assert entry.sender.endswith("=far.test=bob@our.test")
        outbound = open_outbound(settings, stores, open_hop(settings, stores, resolver(settings)))
        while await stores.queue.entries():
            await outbound.look()
            await outbound.idle()
        assert f"MAIL FROM:<{entry.sender}> SIZE={len(STAMP + MESSAGE)}" in there.heard
        assert "RCPT TO:<bob@far.test> NOTIFY=NEVER" in there.heard
        assert b"Final-Recipient: rfc822;alice@new.test\r\nAction: failed\r\n" in there.messages[-1]


@pytest.mark.parametrize("sender", ["", "carol@our.test"])
@on_loop
async def test_the_null_sender_and_our_own_stay_what_they_are(tmp_path: Path, sender: str) -> None:
    async with house(tmp_path, 1) as (settings, stores):
        await arrives(settings, stores, sender)
        assert [entry.sender for entry in await stores.queue.entries()] == [sender]


@on_loop
async def test_an_address_that_somebody_made_up_leads_nowhere(tmp_path: Path) -> None:
    """Else anybody could send mail through us to anybody."""
    async with house(tmp_path, 1) as (settings, stores):
        route = await router(settings, stores).route("SRS0=aaaaaaaa=aa=far.test=bob@our.test")
        assert isinstance(route, Unknown)


@on_loop
async def test_redirected_mail_says_who_has_redirected_it(tmp_path: Path) -> None:
    async with far() as there, house(tmp_path, there.port) as (settings, stores):
        await arrives(settings, stores, "bob@far.test")
        outbound = open_outbound(settings, stores, open_hop(settings, stores, resolver(settings)))
        await outbound.look()
        await outbound.idle()
        assert [message.removesuffix(MESSAGE) for message in there.messages] == [STAMP]


@pytest.mark.parametrize("size", [0, 100_000], ids=["small", "large"])
@on_loop
async def test_what_comes_back_is_redirected_no_more(tmp_path: Path, size: int) -> None:
    """Its sender is told, once; what the null sender has sent ends here."""
    again = STAMP + MESSAGE + b"x" * size + b"\r\n"
    async with far() as there, house(tmp_path, there.port) as (settings, stores):
        for sender in "bob@far.test", "":
            await arrives(settings, stores, sender, again)
        outbound = open_outbound(settings, stores, open_hop(settings, stores, resolver(settings)))
        while await stores.queue.entries():
            await outbound.look()
            await outbound.idle()
        (report,) = there.messages
        assert b"Final-Recipient: rfc822;alice@new.test\r\nAction: failed\r\nStatus: 5.4.6\r\n" in report
