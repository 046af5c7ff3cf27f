# SPDX-License-Identifier: GPL-3.0-or-later
"""The service of a real data directory: settings in, mail out."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from ikserver.app.admitting import resolver
from ikserver.app.hop import open_hop
from ikserver.app.outbound import open_outbound, outbound_services
from ikserver.app.stores import open_stores
from ikserver.model.mail import Body
from ikserver.outbound.tlstally import DAY
from ikserver.settings import Address, Outbound, Settings
from ikserver.settings.sections import Dns
from ikserver.settings.values import Seconds
from ikserver.store.api.queue import QueuedMessage, QueuedRecipient
from ikserver.store.api.stspolicies import KeptPolicy
from ikserver.store.api.tlssessions import Seen
from protocols.tlsrpt.model import Applied, Kind
from protocols.tlsrpt.report import reports_in
from tests.dns.nameserver import nameserver
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


@on_loop
async def test_who_sends_also_reports_on_tls_and_forgets_old_policies(tmp_path: Path) -> None:
    wanted = '"v=TLSRPTv1;rua=mailto:tls@reports.test"'
    async with nameserver({("_smtp._tls.far.test", "TXT"): [wanted]}) as names:
        names.failing = {"reports.test"}
        settings = Settings(tmp_path, "mail.example.org", dns=Dns(nameservers=(Address("127.0.0.1", names.port),)))
        async with open_stores(settings) as stores:
            day = int(time.time()) // DAY - 2
            await stores.tls_sessions.add({Seen(day, "far.test", Applied(Kind.NONE, "far.test")): 3})
            await stores.sts_policies.keep(KeptPolicy("old.test", "1", b"", 0, 1, 0))
            (service,) = outbound_services(settings, stores, resolver(settings))
            service.startService()
            await service.ready
            while not (queued := await stores.queue.entries()):
                await asyncio.sleep(0.01)
            while await stores.sts_policies.find("old.test") is not None:
                await asyncio.sleep(0.01)
            await service.stop()
            assert [(entry.sender, entry.recipient) for entry in queued] == [("", "tls@reports.test")]
            (report,) = reports_in(as_bytes(await stores.queue.body(queued[0].message)))
            assert report.contact == "postmaster@mail.example.org"
            assert report.summaries[0].successful == 3


def as_bytes(body: Body) -> bytes:
    assert isinstance(body, bytes)
    return body
