# SPDX-License-Identifier: GPL-3.0-or-later
"""Several server processes on the same ports: started, watched, started again, and stopped together.

The supervisor binds the ports once for each worker (SO_REUSEPORT) and hands the sockets on. They stay open here: when
a worker dies, its connections wait in the backlog until the next one takes them up.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable

from ikserver.app.notify import keep_alive, notify
from ikserver.app.sockets import Sockets, bind_all
from ikserver.settings import Settings, dump

BEAT_SECONDS = 5.0
SILENT_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY_SECONDS = 60.0
STOP_SECONDS = 4.8
logger = logging.getLogger("ikserver.app")


class Supervisor:
    """`run` returns when a signal has ended it and all workers are gone."""

    def __init__(self, settings: Settings, workers: int, ready: Callable[[], None]) -> None:
        self._settings = settings
        self._ready = ready
        self._workers = [Worker(number, settings, bind_all(settings.listen, shared=True)) for number in range(workers)]

    async def run(self) -> int:
        """0 after a signal, 1 when a worker does not even start."""
        loop = asyncio.get_running_loop()
        told = asyncio.Event()
        for number in signal.SIGTERM, signal.SIGINT:
            loop.add_signal_handler(number, told.set)
        loop.add_signal_handler(signal.SIGHUP, self._forward, signal.SIGHUP)
        keeping = [loop.create_task(worker.keep()) for worker in self._workers]
        ended = loop.create_task(told.wait())
        started = loop.create_task(self._all_ready())
        await asyncio.wait([started, ended, *keeping], return_when=asyncio.FIRST_COMPLETED)
        failed = any(task.done() for task in keeping)
        if started.done() and not failed and not told.is_set():
            self._ready()
            alive = loop.create_task(keep_alive())
            await asyncio.wait([ended, *keeping], return_when=asyncio.FIRST_COMPLETED)
            alive.cancel()
        notify("STOPPING=1")
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        for task in (started, ended, *keeping):
            task.cancel()
        return int(failed)

    async def _all_ready(self) -> None:
        await asyncio.gather(*(worker.ready.wait() for worker in self._workers))

    def _forward(self, number: signal.Signals) -> None:
        for worker in self._workers:
            worker.send(number)


class Worker:
    """One process of the server. It gets settings and socket numbers on its standard input, tells on its standard
    output that it is ready and then that it is alive, and ends when its input ends, so it never outlives us."""

    def __init__(self, number: int, settings: Settings, sockets: Sockets) -> None:
        self.ready = asyncio.Event()
        self._number = number
        self._sockets = sockets
        numbers = {name: [each.fileno() for each in bound] for name, bound in sockets.items()}
        start = {"data": str(settings.data.absolute()), "settings": dump(settings), "sockets": numbers}
        self._start = json.dumps(start).encode() + b"\n"
        self._process: Process | None = None
        self._stopping = False

    async def keep(self) -> None:
        """Start it, and again when it dies. Returns when the first start fails, and when it was stopped."""
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while not self._stopping:
            began = loop.time()
            self._process = await self._spawn()
            await self._watch(self._process)
            code = await self._process.wait()
            if self._stopping or not self.ready.is_set():
                return
            pause = FIRST_PAUSE if loop.time() - began > STEADY_SECONDS else min(2 * pause, LONGEST_PAUSE)
            logger.error(
                "worker-died", extra={"fields": {"worker": self._number, "code": code, "again_in_seconds": pause}}
            )
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        """Ask it to end, and end it when it takes too long."""
        self._stopping = True
        if self._process is None or self._process.returncode is not None:
            return
        self.send(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self.send(signal.SIGKILL)
            await self._process.wait()

    def send(self, number: signal.Signals) -> None:
        """A signal, if there is a process."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def _spawn(self) -> Process:
        numbers = [each.fileno() for bound in self._sockets.values() for each in bound]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ikserver.app.worker", stdin=PIPE, stdout=PIPE, pass_fds=numbers
        )
        assert process.stdin is not None  # noqa: S101 - it is a PIPE
        process.stdin.write(self._start)
        return process

    async def _watch(self, process: Process) -> None:
        """Returns when the process has ended, or has been silent for so long that its event loop must hang."""
        assert process.stdout is not None  # noqa: S101 - it is a PIPE
        try:
            while line := await asyncio.wait_for(process.stdout.readline(), SILENT_SECONDS):
                if line == b"ready\n":
                    self.ready.set()
        except TimeoutError:
            logger.error("worker-hangs", extra={"fields": {"worker": self._number, "seconds": SILENT_SECONDS}})
            self.send(signal.SIGKILL)
