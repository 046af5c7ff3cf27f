# SPDX-License-Identifier: GPL-3.0-or-later
"""The service of a real data directory: settings in, mail out."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ikserver.app.admitting import resolver
from ikserver.app.hop import open_hop
from ikserver.app.outbound import open_outbound, outbound_services
from ikserver.app.stores import open_stores
from ikserver.settings import Address, Outbound, Settings
from ikserver.settings.values import Seconds
from ikserver.store.api.queue import QueuedMessage, QueuedRecipient
from tests.outbound.far import far
from tests.outbound.post import MESSAGE, eventually
from tests.support import on_loop


@on_loop
async def test_mail_leaves_by_the_smarthost_of_the_settings(tmp_path: Path) -> None:
    async with far() as there:
        hub = Address("127.0.0.1", there.port)
        outbound = Outbound(smarthost=hub, smarthost_verify=False, first_retry=Seconds(1))
        settings = Settings(tmp_path, "mail.example.org", outbound=outbound)
        async with open_stores(settings) as stores:
            (service,) = outbound_services(settings, stores, resolver(settings))
            service.startService()
            await service.ready
            await stores.queue.put(QueuedMessage("a@example.org", [QueuedRecipient("b@far.test")], MESSAGE))
            await eventually(lambda: there.messages)
            await service.stop()
            assert await stores.queue.entries() == []
            assert there.messages == [MESSAGE]


@on_loop
async def test_a_second_process_takes_over(tmp_path: Path) -> None:
    async with far() as there:
        hub = Address("127.0.0.1", there.port)
        settings = Settings(tmp_path, "mail.example.org", outbound=Outbound(smarthost=hub, smarthost_verify=False))
        async with open_stores(settings) as dead, open_stores(settings) as alive:
            await dead.queue.put(QueuedMessage("a@example.org", [QueuedRecipient("b@far.test")], MESSAGE))
            # A process took it and was killed.
            assert await dead.queue.claim(1 << 40, (), lambda domain: 10) is not None
            running = asyncio.create_task(
                open_outbound(settings, alive, open_hop(settings, alive, resolver(settings))).run()
            )
            await eventually(lambda: there.messages)
            running.cancel()
            await asyncio.wait({running})
            assert await alive.queue.entries() == []


@on_loop
async def test_nothing_is_sent_when_sending_is_off(tmp_path: Path) -> None:
    settings = Settings(tmp_path, outbound=Outbound(enabled=False))
    async with open_stores(settings) as stores:
        assert outbound_services(settings, stores, resolver(settings)) == []
