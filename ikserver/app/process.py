# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a server until a signal ends it: in this process, or in workers that this process watches over."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.main import installReactor

from ikserver import logs
from ikserver.app.certificate import certificate_files
from ikserver.app.notify import keep_alive, notify
from ikserver.app.server import running
from ikserver.app.sockets import Sockets, bind_all
from ikserver.app.supervisor import Supervisor
from ikserver.settings import Settings

DESCRIPTORS = 65_536
"""A connection takes one, an open account six; systemd gives as many (`LimitNOFILE`)."""
SWITCH_SECONDS = 0.001
"""A thread that computes gives way to the event loop after this; Python's own choice is five times as long."""
YOUNG_OBJECTS = 10_000
"""The collector looks at new objects when there are so many; Python's own choice, 700, is one message of mail."""

logger = logging.getLogger("ikserver.app")


def run_server(settings: Settings, ready: Callable[[], None]) -> int:
    """Serve until SIGTERM or SIGINT; `ready` is called once connections are accepted. Returns the exit code.

    The caller holds the data directory (`lock.exclusive`). Raises what keeps the server from starting: OSError,
    SettingsError, StoreBroken.
    """
    logs.start(settings.log.format, settings.log.level)
    workers = settings.workers or os.cpu_count() or 1

    def told_ready() -> None:
        logger.info("ready", extra={"fields": {"data": settings.data, "workers": workers}})
        ready()
        notify("READY=1")

    # Made here, so that workers do not make one each.
    certificate_files(settings)
    if workers > 1:
        return uvloop.run(Supervisor(settings, workers, told_ready).run())
    sockets = bind_all(settings.listen, shared=False)
    return on_reactor(lambda: serve(settings, sockets, told_ready, asyncio.Event()))


async def serve(settings: Settings, sockets: Sockets, ready: Callable[[], None], told: asyncio.Event) -> int:
    """Serve on `sockets` until a signal, or who sets `told`, ends it. SIGHUP reloads the certificate."""
    loop = asyncio.get_running_loop()
    for number in signal.SIGTERM, signal.SIGINT:
        loop.add_signal_handler(number, told.set)
    async with running(settings, sockets) as certificate:
        loop.add_signal_handler(signal.SIGHUP, certificate.reload)
        spare_collector()
        ready()
        alive = loop.create_task(keep_alive())
        await told.wait()
        alive.cancel()
        notify("STOPPING=1")
    return 0


def spare_collector() -> None:
    """What start-up made stays for good: to look through it again and again would cost 5 % of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def raise_descriptor_limit() -> None:
    """As many files and sockets as we are allowed: shells start programs with 1,024 of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def on_reactor(main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run a coroutine on Twisted's asyncio reactor over uvloop, and return or raise what it does."""
    sys.setswitchinterval(SWITCH_SECONDS)
    raise_descriptor_limit()
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    reactor: Any = AsyncioSelectorReactor(loop)
    install: Any = installReactor
    install(reactor)
    task = loop.create_task(main())
    task.add_done_callback(lambda _: reactor.stop())
    reactor.run(installSignalHandlers=False)
    return task.result()
