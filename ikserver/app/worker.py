# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker process: `python -m ikserver.app.worker`, started by the supervisor and by nobody else."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path

from ikserver import logs
from ikserver.app.process import on_reactor, serve
from ikserver.app.sockets import Sockets
from ikserver.app.supervisor import BEAT_SECONDS
from ikserver.settings import Settings, parse


def main() -> int:
    """Read what to do from standard input, and do it until that ends. Returns the exit code."""
    start = json.loads(_first_line())
    settings = replace(parse(start["settings"]), data=Path(start["data"]))
    sockets = {name: [socket.socket(fileno=each) for each in bound] for name, bound in start["sockets"].items()}
    logs.start(settings.log.format, settings.log.level)
    return on_reactor(lambda: _serve(settings, sockets))


async def _serve(settings: Settings, sockets: Sockets) -> int:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Nothing more is sent: it becomes readable when the supervisor is gone.
    loop.add_reader(0, told.set)
    beating = loop.create_task(_beat())
    try:
        return await serve(settings, sockets, lambda: _tell("ready"), told)
    finally:
        beating.cancel()
        loop.remove_reader(0)


async def _beat() -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        _tell("alive")


def _tell(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def _first_line() -> bytes:
    """Unbuffered, for nothing behind it may be taken."""
    line = b""
    while not line.endswith(b"\n"):
        octet = os.read(0, 1)
        if not octet:
            break
        line += octet
    return line


if __name__ == "__main__":
    sys.exit(main())
